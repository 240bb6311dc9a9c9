"""Which checkpoint comes next, and what becomes of its score."""
