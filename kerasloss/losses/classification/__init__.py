"""Labels: yes/no labels, classes that exclude each other, ordered classes, rare classes, wrong labels."""
