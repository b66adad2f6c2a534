"""Learning to rank lists of items, recommendation and retrieval."""
