"""harness: secure infrastructure-review runs."""

__version__ = "0.1.0"
