"""Capabilities, scopes, decisions: pure tables and one total function."""
