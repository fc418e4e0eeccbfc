"""Takes events from the webhook to their effects: each effect once, and the events of one chat in order."""
