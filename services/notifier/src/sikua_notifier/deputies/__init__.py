"""Deputies: who hears of an urgent notice that nobody acknowledged."""
