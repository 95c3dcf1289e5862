"""A dataset in, a trained adapter out."""
