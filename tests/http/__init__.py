"""Tests over real HTTP on loopback."""
