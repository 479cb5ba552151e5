"""Which key of the department belongs to which project, and what a person must decide."""
