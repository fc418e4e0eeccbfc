"""Turns text into a voice message. An engine speaks each text once; later messages use the stored sound."""
