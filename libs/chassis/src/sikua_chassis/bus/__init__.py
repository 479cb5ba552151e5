"""How events travel between services: a small port with two implementations, held to one contract suite."""
