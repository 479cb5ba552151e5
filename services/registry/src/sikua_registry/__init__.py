"""The registry: one record per project, with the provenance of every field."""
