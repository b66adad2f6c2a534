"""All losses: one package for each domain, one module for each family."""
