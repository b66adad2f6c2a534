"""Numbers against numbers: errors, relative errors, agreement, robust losses, quantiles, fields."""
