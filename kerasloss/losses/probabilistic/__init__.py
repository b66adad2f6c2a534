"""Numbers against a predicted distribution: likelihoods, deviances, histograms, scores, latent priors."""
