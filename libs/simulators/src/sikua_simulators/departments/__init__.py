"""Stand-in departments with records of their own, made up from a seed and saying so in every answer."""

from sikua_simulators.departments.serving import Departments, serve

__all__ = ["Departments", "serve"]
