"""Lists and redrives dead letters: the inbox's dead-letter queue and the senders' failures."""
