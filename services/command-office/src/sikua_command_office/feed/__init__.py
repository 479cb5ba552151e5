"""The numbered feed: everything that was said, in one order, as a record."""
