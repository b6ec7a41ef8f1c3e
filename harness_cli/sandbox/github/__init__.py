"""The GitHub stand-in: REST only, at `/` as api.github.com and at `/api/v3` as an Enterprise server."""
