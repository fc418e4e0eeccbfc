"""What files there are to send: checked by their bytes, measured, previewed, and linked for good."""
