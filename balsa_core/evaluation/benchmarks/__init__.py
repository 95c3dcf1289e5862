"""One benchmark a file: its questions and its scorers."""
