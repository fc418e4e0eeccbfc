"""A simulated LINE platform: the Messaging API, webhooks, and people who follow, block and write. All in memory."""
