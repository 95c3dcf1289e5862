"""Corpora in, clips out: kept and rejected."""
