"""Plays a scenario on the real projects through the public routes, working day by working day."""
