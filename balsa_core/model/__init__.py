"""The model: a frozen audio encoder, an adapter that learns, and a frozen LLM."""
