"""Words become a voice: an engine, its adapters, and what was said before."""
