"""Sounds made by arithmetic, so that the whole road runs on a machine without a corpus."""
