"""What runs, in which order, when and for which run."""
