"""One corpus a file; a reader says which clips there are and loads their audio."""
