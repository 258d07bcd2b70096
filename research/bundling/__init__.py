"""Data bundles from asking to download: the request, the background job, the stored file."""
