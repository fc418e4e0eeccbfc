"""Files to send: checked by their bytes, measured, previewed, and linked by addresses that do not expire."""
