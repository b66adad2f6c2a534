"""What the site has of its own: a page for each loss, formulas without a script, links, completeness."""
