"""Stand-in departments and channels, real servers with faults on demand."""
