"""What `diagnose` looks for, one module for each place where it looks."""
