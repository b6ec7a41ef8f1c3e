"""A trace as one page: no script, no request to anywhere, good on paper. Every value is cleaned, then escaped."""

from html import escape

from harness_cli.audit.reader import Trail
from harness_cli.audit.verdict import VerifyReport
from harness_cli.guard.clean import clean
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

STYLE = """
:root { color-scheme: light dark; font: 15px/1.45 system-ui, sans-serif; }
body { max-width: 78rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.3rem; overflow-wrap: anywhere; } h2 { font-size: 1.05rem; margin-top: 1.6rem; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .15rem 1rem; } dt { opacity: .7; } dd { margin: 0; }
table { border-collapse: collapse; width: 100%; font-size: .88rem; }
th, td { text-align: left; vertical-align: top; padding: .2rem .5rem; border-bottom: 1px solid #8884; }
td.n { text-align: right; font-variant-numeric: tabular-nums; } td:last-child, li { overflow-wrap: anywhere; }
small { opacity: .75; }
tr.blocked td, tr.error td, tr.indeterminate td { background: #d0202018; }
tr:target td, tr:has(:target) td { background: #e0b00040; }
.verdict { display: inline-block; padding: .15rem .6rem; border: 2px solid; border-radius: .3rem; font-weight: 600; }
.OK { color: #127a36; } .TAMPER { color: #c01818; } .INCOMPLETE, .UNVERIFIABLE { color: #a86400; }
@media screen and (prefers-color-scheme: dark) {
  .OK { color: #5cc884; } .TAMPER { color: #ff8a80; } .INCOMPLETE, .UNVERIFIABLE { color: #f0b04a; } }
code { font-size: .85em; overflow-wrap: anywhere; }
@page { margin: 14mm 14mm 16mm; @bottom-right { content: counter(page) " / " counter(pages); font: 8pt system-ui; } }
@media print { :root { font-size: 9pt; line-height: 1.35; } body { margin: 0; max-width: none; padding: 0; }
  thead { display: table-header-group; } tr, li { break-inside: avoid; } h2 { break-after: avoid; }
  td, th { padding-top: 1px; padding-bottom: 1px; } ul { columns: 80mm; column-gap: 10mm; margin: .2em 0; }
  a { color: inherit; text-decoration: none; } }
"""
POLICY = "default-src 'none'; style-src 'unsafe-inline'"


def render_page(trail: Trail, report: VerifyReport) -> str:
    """The whole page, its verification on top."""
    title = f"audit trail {trail.trace_id}"
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{_text(title)}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n"
        f"<h1>{_text(title)}</h1>\n{_verdict(report)}\n{_head(trail)}\n{_sections(trail)}\n{_timeline(trail)}\n"
        "</body>\n</html>\n"
    )


def _verdict(report: VerifyReport) -> str:
    problems = "".join(
        f"<li>{_text(one.verdict)}: <code>{_text(one.place)}</code>: {_text(one.message)}</li>"
        for one in report.problems
    )
    limits = "".join(f"<li>{_text(limit)}</li>" for limit in report.limits)
    return (
        f'<p class="verdict {_text(report.verdict)}">the trail: {_text(report.verdict)}</p>\n'
        f"<p>checkpoint <code>{_text(report.origin)}</code>, size {report.size}, "
        f"root <code>sha256:{_text(report.root)}</code>, key <code>{_text(report.key or 'none that is trusted')}</code>"
        f"</p>\n<ul>{problems}</ul>\n"
        f"<p>limits of this verdict:</p>\n<ul>{limits}</ul>"  # not folded: on paper nobody can open it
    )


def _head(trail: Trail) -> str:
    rows = (f"<dt>{_text(name)}</dt><dd>{_text(value)}</dd>" for name, value in facts_of(trail))
    return f"<dl>{''.join(rows)}</dl>"


def _sections(trail: Trail) -> str:
    return "\n".join(
        f"<h2>{_text(title)}</h2>\n<ul>{''.join(f'<li>{_text(line)}</li>' for line in lines)}</ul>"
        for title, lines in sections(trail)
    )


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
    small = f"<br><small>{_text(more)}</small>" if more else ""
    return (
        f'<tr id="s{seq_of(event)}" class="{_text(step.ended)}">'
        f'<td class="n">{_text(str(event.get("seq", "?")))}</td>'
        f"<td>{_text(day)} {_text(moment_of(event)[1])}</td><td>{anchors}{said}{small}</td></tr>"
    )


def _text(value: str) -> str:
    return escape(clean(value), quote=True)
