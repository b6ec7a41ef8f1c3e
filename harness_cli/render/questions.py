"""Questions at a terminal: asked on stderr, so that stdout carries documents only."""

import sys

from harness_cli.guard.clean import clean


def ask_line(question: str, default: str = "") -> str:
    """What a person answers, `default` for an empty line. Raises KeyboardInterrupt where nobody is there any more."""
    shown = f" [{clean(default)}]" if default else ""
    sys.stderr.write(f"{clean(question)}{shown}: ")
    sys.stderr.flush()
    line = sys.stdin.readline()
    if not line:
        raise KeyboardInterrupt
    return line.strip() or default
