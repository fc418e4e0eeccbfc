"""How fast Kairan is, as ratios to references that are measured beside it. `make bench` runs all benchmarks."""
