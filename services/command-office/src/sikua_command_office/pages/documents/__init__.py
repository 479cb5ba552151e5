"""Documents attached as proof: kept with their SHA-256, told by their content, read back by those who see the project."""
