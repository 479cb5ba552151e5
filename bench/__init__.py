"""Measures sikua against the straightforward way of doing the same, both sides in one run, round by round in turn."""
