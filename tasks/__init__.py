"""What is cached, retried and tracked: Prefect tasks around the library."""
