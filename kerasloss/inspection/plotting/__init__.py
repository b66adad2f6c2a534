"""What the pictures of `plot` show, without matplotlib: labels and a path of predictions for each loss."""
