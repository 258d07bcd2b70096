"""The read-only JSON API: what programs may read, how it is described, and how it is answered."""
