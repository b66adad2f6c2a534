"""Language models: next-token cross-entropy, preferences and policies."""
