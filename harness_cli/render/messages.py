"""Short words to the person at the terminal: stderr only, cleaned."""

import sys

from harness_cli.guard.clean import clean


def say(text: str) -> None:
    """One line on stderr."""
    sys.stderr.write(clean(text) + "\n")
    sys.stderr.flush()
