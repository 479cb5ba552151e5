"""One's own desk: what waits for the one who looks, worst first, and what happened since they last looked."""
