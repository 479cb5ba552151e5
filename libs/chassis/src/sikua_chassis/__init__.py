"""How it is said: service frame, database, bus, outbox, relay, inbox, lanes."""
