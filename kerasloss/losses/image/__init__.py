"""Images against images."""
