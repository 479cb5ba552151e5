"""Calendars: the working days that quiet hours and digests follow."""
