"""Segments: named questions about the people of an audience, and lists of people."""
