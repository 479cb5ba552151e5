"""Steps: acts of officers, and the account of due moments."""
