"""Envelopes, their store, and what makes an approval valid."""
