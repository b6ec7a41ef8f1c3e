"""What stands under every client library: hosts, methods, limits, no redirects."""
