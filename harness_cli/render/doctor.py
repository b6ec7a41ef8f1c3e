"""What `harness doctor` found, as text or JSON."""

import json
from dataclasses import asdict

from harness_cli.guard.clean import clean
from harness_cli.review.examination import Examination


def render_examination(found: Examination, format: str) -> str:
    """The whole examination."""
    if format == "json":
        return json.dumps({"version": "1.0", **asdict(found)}, indent=2) + "\n"
    lines = [f"{found.requester} ({found.role}) in {found.environment}"]
    for answer in found.answers:
        lines.append(f"  {answer.state:<8} {answer.system:<7} {answer.tool}: {answer.detail}")
        if answer.help:
            lines.append(f"           = help: {answer.help}")
    if found.denied:
        lines.append("policy would refuse, so their checks would say NOT_EVALUATED(not_granted):")
        lines += [f"  {line}" for line in found.denied]
    lines.append(f"trace {found.trace_id}")
    return "".join(clean(line) + "\n" for line in lines)
