"""The platforms that carry messages: the port that all share, and a room for each platform."""
