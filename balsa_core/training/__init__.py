"""A dataset in, a trained adapter out."""

VERSION = "1"  # of the stage; here, so that knowing it does not load torch
