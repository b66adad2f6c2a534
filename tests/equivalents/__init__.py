"""The rows of the tables of other libraries, with the numbers that the libraries give."""
