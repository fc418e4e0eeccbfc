"""A speech engine for the local cloud: the routes of an AivisSpeech Engine, and real Japanese speech without a network.

It runs in its own environment (`.local/tools/speech`) and imports nothing of Kairan.
"""
