"""A model in, verdicts and a report out."""
