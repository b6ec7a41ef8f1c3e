"""The page of every check, from its declaration alone: `docs/checks.md` and `harness explain EC2-01`."""

from collections.abc import Iterable, Iterator

from harness_cli.review.finding import Control
from harness_cli.review.registry import Check, all_checks

_HEAD = """# Checks

Written by the program from its registry; edit the checks, not this page. A check says PASS, FAIL, NOT_APPLICABLE,
NOT_EVALUATED (with the reason) or MANUAL; it never says PASS without having looked.
"""


def checks_markdown() -> str:
    """The whole page, in the order of the ids."""
    checks = sorted(all_checks().values(), key=lambda check: check.id)
    table = ["| id | title | severity | reads |", "|---|---|---|---|"]
    table += [f"| {c.id} | {c.title} | {c.severity} | {', '.join(c.sources)} |" for c in checks]
    return "\n".join([_HEAD, *table, "", *(line for check in checks for line in _section(check))]) + "\n"


def check_text(check: Check) -> str:
    """One check for a terminal: title, what it reads, what mends it, which controls it serves."""
    lines = [f"{check.id}  {check.title}", f"severity: {check.severity} · reads: {', '.join(check.sources)}"]
    lines += ["", check.remediation]
    if check.controls:
        lines += ["", f"controls: {controls_text(check.controls)}"]
    return "\n".join(lines)


def controls_text(controls: Iterable[Control]) -> str:
    """`CIS-AWS 5.0 5.3, FSBP EC2.13`."""
    return ", ".join(" ".join(part for part in (c.framework, c.version, c.id) if part) for c in controls)


def _section(check: Check) -> Iterator[str]:
    yield f"## {check.id}: {check.title}"
    yield ""
    yield f"Severity {check.severity}; reads {', '.join(check.sources)}; release {check.release}."
    yield ""
    yield f"**What mends it.** {check.remediation}"
    yield ""
    if check.controls:
        yield f"**Controls.** {controls_text(check.controls)}"
        yield ""
