"""What looks at losses from outside: the catalogue, `diagnose`, `plot` and the gradients that these use."""
