"""Words become a voice message: an engine speaks them once, and whoever says the same hears what was spoken before."""
