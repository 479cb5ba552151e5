"""What officers do about a project: the acts there are, who is offered which, and how each reaches its owner service."""
