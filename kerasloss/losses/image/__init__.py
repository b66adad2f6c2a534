"""Pictures against pictures."""
