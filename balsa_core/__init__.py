"""The library of the BALSa pipeline: what is computed, without orchestration, tracking or environment."""
