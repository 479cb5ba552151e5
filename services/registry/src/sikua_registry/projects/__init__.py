"""Projects: what officers do with them, and how they are stored and shown."""
