"""Benchmarks: ratios against something named, never timed tests. `python -m benchmarks [NAME …]` runs them."""
