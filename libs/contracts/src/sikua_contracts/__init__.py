"""What is said: the envelope, every event, the catalogue."""
