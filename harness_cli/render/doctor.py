"""What `harness doctor` found, as text or JSON."""

import json
import sys
from collections.abc import Iterator
from dataclasses import asdict

from harness_cli.guard.clean import clean
from harness_cli.render.console import width_of
from harness_cli.render.hanging import hung
from harness_cli.review.examination import Examination


def render_examination(found: Examination, format: str, *, width: int | None = None) -> str:
    """The whole examination."""
    if format == "json":
        return json.dumps({"version": "1.0", **asdict(found)}, indent=2) + "\n"
    return "\n".join(_text(found, width or width_of(sys.stdout))) + "\n"


def _text(found: Examination, width: int) -> Iterator[str]:
    yield clean(f"{found.requester} ({found.role}) in {found.environment}")
    systems = max((len(answer.system) for answer in found.answers), default=0)
    for answer in found.answers:
        lead = f"  {answer.state:<8} {answer.system:<{systems}} "
        yield from hung(lead, f"{answer.tool}: {answer.detail}", width)
        if answer.help:
            yield from hung(" " * len(lead) + "= help: ", answer.help, width)
    if found.denied:
        yield from hung("", "policy would refuse, so their checks would say NOT_EVALUATED(not_granted):", width)
        for line in found.denied:
            yield from hung("  ", line, width)
    yield clean(f"trace {found.trace_id}")
