"""What can be seen from outside: logs, traces, metrics; one of each per service, none of them global."""
