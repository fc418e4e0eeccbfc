"""The programs of a local cloud: how each starts, and how it says that it is ready."""
