"""Time to an event, for subjects that are not all observed until it happens."""
