"""Labels: yes/no labels, mutually exclusive classes, ordered classes, rare classes, wrong labels."""
