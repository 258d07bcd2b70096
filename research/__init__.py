"""The researcher's workspace: trends over clinics and quarters, figures, data bundles, the API."""
