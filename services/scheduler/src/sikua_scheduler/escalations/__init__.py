"""Escalations: rungs reached, accepted, pushed, put right; the ticker that finds them."""
