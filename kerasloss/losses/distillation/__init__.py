"""A student follows a teacher: its outputs or its features."""
