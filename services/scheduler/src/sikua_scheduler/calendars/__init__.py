"""Calendars: the working days of each year, and what follows when one is published."""
