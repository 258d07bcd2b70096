"""Benchmarks: CPU time of the main tasks, each beside the least work that could do the same."""
