"""The made-up people of `units.csv`: contacts and duty rosters, as the notifier takes them."""
