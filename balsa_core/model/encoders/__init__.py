"""One encoder family a file, found by the model type of its configuration."""
