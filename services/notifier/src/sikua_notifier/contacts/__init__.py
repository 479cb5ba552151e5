"""Contacts and rosters: which people stand for an owner, and how they are reached."""
