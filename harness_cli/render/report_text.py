"""The report on a terminal: what was looked at, what was found, the verdict and where the trail is."""

import io
import sys
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from harness_cli.guard.clean import clean
from harness_cli.render.console import has_color, width_of
from harness_cli.review.report_document import Document

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

STYLES = {"critical": "bold red", "high": "red", "medium": "yellow", "low": "cyan"}
VERDICT_STYLES = {
    "BLOCK": "bold white on red",
    "HIGH": "bold red",
    "MEDIUM": "bold yellow",
    "INCOMPLETE": "bold magenta",
}
WIDE = 90


def render_text(document: Document) -> str:
    """The whole report as text, at the width and in the colours that stdout takes."""
    from rich.console import Console

    color = has_color(sys.stdout)
    buffer = io.StringIO()
    console = Console(
        file=buffer,
        width=width_of(sys.stdout),
        force_terminal=color,
        no_color=not color,
        markup=False,
        emoji=False,
        highlight=False,
        legacy_windows=False,
    )
    _head(console, document)
    _findings(console, document)
    _unread(console, document)
    _problems(console, document)
    _verdict(console, document)
    _foot(console, document)
    lines = buffer.getvalue().splitlines()
    return "\n".join(line.rstrip() for line in lines) + "\n"


def _head(console: "Console", document: Document) -> None:
    subject, requester = document["subject"], document["requester"]
    changes = [subject["ticket"], *subject["pullRequests"]]
    shown = " → ".join(clean(change) for change in changes if change) or "posture review"
    console.print(f"Review of {shown} in {clean(document['environment'])}", style="bold")
    proven = "proven" if requester["proven"] else "asserted"
    places = ", ".join([*subject["accounts"], *subject["regions"]]) or "none"
    console.print(
        f"asked by {clean(requester['userName'])} ({proven}, {clean(requester['role'])}) · AWS {clean(places)}"
    )
    calls = document["calls"]
    by_tool = ", ".join(f"{clean(tool)} {count}" for tool, count in calls["byTool"].items())
    console.print(f"{calls['total']} calls, {calls['requests']} requests ({by_tool or 'none'})")
    if document.get("sandbox"):
        console.print("the systems are the sandbox's stand-ins")
    console.print()


def _findings(console: "Console", document: Document) -> None:
    failed = [finding for finding in document["findings"] if finding["status"] == "FAIL"]
    if not failed:
        console.print("no check failed")
        console.print()
        return
    table = _table("severity", "check", "what", "where")
    for finding in failed:
        table.add_row(*_row(finding))
    console.print(table)
    console.print()


def _table(*headers: str) -> "Table":
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1), expand=True)
    ratios = {"what": 5, "where": 3}
    for header in headers:
        ratio = ratios.get(header)
        table.add_column(header, ratio=ratio, no_wrap=ratio is None, overflow="fold")
    return table


def _row(finding: Mapping[str, Any]) -> tuple[Any, ...]:  # Any: rich's Text
    from rich.text import Text

    origin = {"introduced": " +", "pre_existing": "", "fixed": " -", "unknown": ""}[finding["origin"]]
    severity = Text(finding["severity"] + origin, style=STYLES[finding["severity"]])
    waived = f" (waived: {clean(finding['waiver'])})" if finding["waiver"] else ""
    lines = ", ".join(f"#{seq}" for seq in sorted({evidence["auditSeq"] for evidence in finding["evidence"]})[:3])
    what = Text(clean(finding["message"]) + waived)
    if lines:
        what.append(f"  {lines}", style="dim")
    return severity, Text(finding["id"]), what, Text(clean(_where(finding)))


def _where(finding: Mapping[str, Any]) -> str:
    if not finding["resources"]:
        return ""
    first = finding["resources"][0]
    iac = first.get("iac")
    place = f"{iac['path']}:{iac['line']}" if iac else _short(first["uid"])
    more = len(finding["resources"]) - 1
    return f"{place} (+{more})" if more else place


def _short(uid: str) -> str:
    parts = uid.split(":", 5)
    return f"{parts[2]} {parts[5]}" if len(parts) == 6 and parts[0] == "arn" else uid


def _unread(console: "Console", document: Document) -> None:
    unread = [finding for finding in document["findings"] if finding["status"] == "NOT_EVALUATED"]
    if not unread:
        return
    groups: dict[tuple[str, str], list[str]] = {}
    for finding in unread:
        groups.setdefault((finding["reason"], finding["detail"]), []).append(finding["id"])
    console.print(f"not evaluated: {len(unread)}", style="bold")
    for (reason, detail), checks in groups.items():
        console.print(f"  {reason}: {clean(detail)} ({_counted(checks)})", soft_wrap=False)
    console.print()


def _counted(checks: Iterable[str]) -> str:
    counts = Counter(checks)
    return ", ".join(f"{count}x {name}" if count > 1 else name for name, count in sorted(counts.items()))


def _problems(console: "Console", document: Document) -> None:
    for problem in document["problems"]:
        console.print(f"{problem['code']}: {clean(problem['message'])}", style="yellow")
        for key, label in (("place", "-->"), ("help", "= help:")):
            if problem[key]:
                console.print(f"  {label} {clean(problem[key])}")
    if document["problems"]:
        console.print()


def _verdict(console: "Console", document: Document) -> None:
    detail = document["verdictDetail"]
    word = document["verdict"]
    reached = f" (so far: {detail['level']})" if detail["incomplete"] else ""
    statuses = Counter(finding["status"] for finding in document["findings"])
    counted = ", ".join(f"{count} {status}" for status, count in sorted(statuses.items()))
    console.print(f" {word} ", style=VERDICT_STYLES.get(word, "bold green"), end="")
    console.print(f"{reached}  score {detail['score']:g} · {counted}")
    by_uid = {finding["uid"]: finding for finding in document["findings"]}
    for uid in detail["deciding"]:
        finding = by_uid[uid]
        console.print(f"  {finding['severity']} {finding['id']} {clean(finding['title'])}: {clean(finding['message'])}")
    for sentence in detail["unread"]:
        console.print(f"  not looked at: {clean(sentence)}")
    for sentence in detail["lowering"]:
        console.print(f"  to lower it: {clean(sentence)}")
    console.print()


def _foot(console: "Console", document: Document) -> None:
    for note in document["approvals"]:
        approvers = f" by {', '.join(map(clean, note['approvers']))}" if note["approvers"] else ""
        console.print(f"approval {note['requestId']} of {clean(note['tool'])}: {note['state']}{approvers}")
    trace = document["traceId"]
    console.print(f"trail {clean(document['audit']['path'])}", soft_wrap=True)
    console.print(f"      harness trace {trace} · {document['durationMs'] / 1000:.1f} s")
