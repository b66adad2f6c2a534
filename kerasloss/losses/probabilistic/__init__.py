"""Numbers against a predicted distribution: likelihoods, deviances, proper scores, latent priors."""
