"""The numbers of each library, by the names of the rows."""
