"""The closed lists of operations, one table a system."""
