"""What the portal can do on two cores, beside yardsticks of the same minute (docs/benchmarks.md)."""
