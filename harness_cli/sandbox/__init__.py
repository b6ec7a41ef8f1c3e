"""Stand-in servers on loopback and their estate (optional extra `sandbox`)."""
