"""A batch → a plan → requests to a messenger → an outcome per recipient: once, even if calls repeat or die half-way."""
