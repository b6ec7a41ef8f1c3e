"""The configuration file: found, read with positions, checked against its schema, made into values."""
