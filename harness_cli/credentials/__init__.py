"""Leases: credentials that live at most 15 minutes and are bound to the person who asked."""
