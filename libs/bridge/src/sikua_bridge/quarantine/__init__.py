"""What could not be read, kept with its reason until a person has looked at it."""
