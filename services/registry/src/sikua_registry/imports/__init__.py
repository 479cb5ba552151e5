"""Ledgers as departments export them become projects, with a report of every line."""
