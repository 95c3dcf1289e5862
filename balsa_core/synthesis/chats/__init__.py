"""One LLM engine a file."""
