"""The sender functions: from a caller's event to its answer."""
