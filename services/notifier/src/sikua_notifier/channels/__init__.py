"""One file per channel; all of them answer with the same verdicts."""
