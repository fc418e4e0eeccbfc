"""Stand-ins for what Kairan talks to. Each is a program of its own, with a README, and imports nothing of Kairan."""
