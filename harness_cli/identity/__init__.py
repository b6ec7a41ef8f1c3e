"""Who asks: proof, status, groups, role."""
