"""Clips in, training examples out: the backbone writes its own targets."""
