"""What is true everywhere: identifiers, divisions, industries, money, working days."""
