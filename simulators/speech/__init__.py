"""A speech engine for the local cloud: the routes of an AivisSpeech Engine, and real Japanese speech without a network.

It runs in an environment of its own (`.local/tools/speech`) and imports nothing of Kairan.
"""
