"""Courses: how one project with all its steps is loaded under a lock and saved."""
