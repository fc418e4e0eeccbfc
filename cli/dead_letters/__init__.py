"""What could not be done, and doing it again: the inbox's dead-letter queue and the senders' failures."""
