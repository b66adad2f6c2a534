"""Embeddings of pairs, triplets and labelled samples."""
