"""Events on their way from the webhook to their effect: once each, and each person's in order."""
