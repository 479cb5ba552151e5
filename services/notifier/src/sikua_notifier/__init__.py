"""The notifier: each blocked step in front of its owner."""
