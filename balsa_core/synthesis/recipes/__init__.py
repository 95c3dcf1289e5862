"""One kind of target a file: what is asked, and what a reply must not say."""
