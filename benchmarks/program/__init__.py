"""Benchmarks at program size: ten million answers, seven analyses, beside what others would use."""
