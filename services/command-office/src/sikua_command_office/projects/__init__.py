"""What the command office knows of each project, drawn from the events; it may be rebuilt."""
