"""The command office: the live feed and the board."""
