"""The scheduler: whose turn it is, by when, and what holds it up."""
