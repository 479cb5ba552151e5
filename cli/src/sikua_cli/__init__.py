"""The sikua command and the launcher."""
