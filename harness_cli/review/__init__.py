"""The review: facts in, findings and a verdict out."""
