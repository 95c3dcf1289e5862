"""A frozen encoder, an adapter that learns, a frozen LLM."""
