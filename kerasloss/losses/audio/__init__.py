"""Losses of waveforms, and of the sources of a mixture."""
