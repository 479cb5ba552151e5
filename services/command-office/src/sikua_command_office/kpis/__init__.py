"""The targets of the plan of 2021: what can be reckoned from the records, and what cannot, said plainly."""
