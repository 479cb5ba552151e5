"""One module per thing the command does; each imports what it needs only when it runs."""
