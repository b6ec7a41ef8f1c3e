"""Collectors: which calls read what a review needs, and how their answers become facts."""
