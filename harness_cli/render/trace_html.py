"""A trace as one page, its verification on top; good on paper. Every value is cleaned, then escaped."""

from collections.abc import Iterable
from typing import Final

from harness_cli.audit.reader import Trail
from harness_cli.audit.verdict import VerifyReport
from harness_cli.guard.encode import for_html
from harness_cli.render.page import page
from harness_cli.render.trace_facts import (
    days_begun,
    facts_of,
    fed_by,
    moment_of,
    sections,
    seq_of,
)
from harness_cli.render.trace_steps import Step, steps
from harness_cli.render.trace_words import details, headline

STYLE: Final = """
main{max-width:78rem}
ul{columns:22rem;column-gap:2rem}li{margin:0;padding:1px 0;break-inside:avoid}li:only-child{column-span:all}
td span{white-space:nowrap}
td.n{text-align:right;font-variant-numeric:tabular-nums}
tr.blocked td,tr.error td,tr.indeterminate td{background:var(--wrong)}
tr:target td,tr:has(:target) td{background:#e0b00040}
@media (max-width:760px){td,th{padding-right:8px}}
@media print{ul{columns:56mm;column-gap:4mm;font-size:8pt}td br{display:none}td{break-inside:avoid}}
""".strip()
_CLASSES: Final = {"OK": "passed", "TAMPER": "critical"}


def render_page(trail: Trail, report: VerifyReport) -> str:
    """The whole page, its verification on top."""
    title = f"audit trail {trail.trace_id}"
    head = f"<header>\n<h1>{_text(title)}</h1>\n{_verdict(report)}\n{_facts(trail)}\n</header>"
    return page(title, STYLE, f"{head}\n{_limits(report)}\n{_sections(trail)}\n{_timeline(trail)}")


def _verdict(report: VerifyReport) -> str:
    problems = [
        f"{_text(one.verdict)}: <code>{_text(one.place)}</code>: {_text(one.message)}" for one in report.problems
    ]
    kind = _CLASSES.get(report.verdict, "medium")
    return f'<p><span class="verdict {kind}">the trail: {_text(report.verdict)}</span></p>\n{_list(problems)}'


def _facts(trail: Trail) -> str:
    rows = (f"<div><dt>{_text(name)}</dt><dd>{_text(value)}</dd></div>" for name, value in facts_of(trail))
    return f'<dl class="facts">{"".join(rows)}</dl>'


def _limits(report: VerifyReport) -> str:
    """What the verdict rests on and what it does not exclude; not folded: on paper nobody can open it."""
    return (
        f"<p>checkpoint <code>{_text(report.origin)}</code>, size {report.size}, "
        f"root <code>sha256:{_text(report.root)}</code>, "
        f"key <code>{_text(report.key or 'none that is trusted')}</code></p>\n"
        f"<h2>limits of this verdict</h2>\n{_list(map(_text, report.limits))}"
    )


def _sections(trail: Trail) -> str:
    return "\n".join(f"<h2>{_text(title)}</h2>\n{_list(map(_text, lines))}" for title, lines in sections(trail))


def _list(items: Iterable[str]) -> str:
    """A list of HTML; nothing without items."""
    listed = "".join(f"<li>{item}</li>" for item in items)
    return f"<ul>{listed}</ul>" if listed else ""


def _timeline(trail: Trail) -> str:
    found = steps(trail)
    rows = "\n".join(map(_row, found, days_begun(step.event for step in found)))
    head = "<tr><th>line</th><th>time</th><th>what happened</th></tr>"
    return f"<h2>timeline</h2>\n<table>\n<thead>{head}</thead>\n<tbody>\n{rows}\n</tbody>\n</table>"


def _row(step: Step, day: str) -> str:
    """One step; the other lines of a call are anchors in its row, so that findings can point at them."""
    event = step.event
    anchors = "".join(f'<a id="s{seq_of(line)}"></a>' for line in (step.decision, step.outcome) if line)
    fed = " ".join(f'<a href="#s{number}">{number}</a>' for number in fed_by(event))
    said = _text(headline(step).partition(" <- ")[0]) + (f" from {fed}" if fed else "")
    more = details(step)
    small = f" <br><small>{_text(more)}</small>" if more else ""
    return (
        f'<tr id="s{seq_of(event)}" class="{_text(step.ended)}">'
        f'<td class="n">{_text(str(event.get("seq", "?")))}</td>'
        f"<td>{_whole(day)} {_whole(moment_of(event)[1])}</td><td>{anchors}{said}{small}</td></tr>"
    )


def _whole(value: str) -> str:
    return f"<span>{_text(value)}</span>" if value else ""


def _text(value: str) -> str:
    return for_html(value, width=None)  # a trail is shown whole
