"""The embedded default: a language model and an encoder small enough to ship, and how both are made."""
