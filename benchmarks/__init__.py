"""How fast Kairan is, as ratios against references that are measured beside it. `make bench` runs all of it."""
