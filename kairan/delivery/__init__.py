"""One request to send → LINE calls → an outcome per recipient, once, whatever is repeated or cut off."""
