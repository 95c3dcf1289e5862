"""Examples and audio in, a Parquet dataset out."""
