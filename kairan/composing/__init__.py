"""Turns a caller's data into content: reads it, looks up files, speaks, and fills texts in for each person."""
