"""An error as people read it: code and message, place, what to do."""

from harness_cli.core.errors import HarnessError
from harness_cli.guard.clean import clean


def render_error(err: HarnessError) -> str:
    """A short paragraph in the form of DESIGN §3, ending with a line feed."""
    lines = [f"error[{err.code}]: {clean(err.message)}"]
    if err.place:
        lines.append(f"  --> {clean(err.place)}")
    if err.help:
        lines.append(f"   = help: {clean(err.help)}")
    return "\n".join(lines) + "\n"
