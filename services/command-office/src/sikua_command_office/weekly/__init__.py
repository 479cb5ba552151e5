"""The weekly report (周报): how each district stood at the end of a week and what moved in it, drawn from the feed's record."""
