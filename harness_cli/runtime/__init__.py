"""The enforcement point and what it needs; the only caller of connectors."""
