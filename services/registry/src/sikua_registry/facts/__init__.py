"""Facts: what departments and the scheduler say about projects."""
