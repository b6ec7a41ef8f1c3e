"""Text from outside: cleaned, redacted, encoded for the sink that shows it."""
