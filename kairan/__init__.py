"""Kairan's own code, by capability. `docs/architecture.md` draws the rooms and what may use what."""

__version__ = "0.1.0"
