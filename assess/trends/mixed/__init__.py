"""Linear mixed models: every assessment counts, also of clinics that missed a quarter."""
