"""What a bridge knows of our projects: their names, places and keys, heard from the registry."""
