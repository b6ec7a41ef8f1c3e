"""The report as one page. Evidence of class restricted and above is digest and pointer: pages get mailed around."""

from collections.abc import Iterable

from harness_cli.guard.encode import for_html
from harness_cli.render.page import page
from harness_cli.render.report_html_map import map_list, map_svg
from harness_cli.render.report_html_style import STYLE
from harness_cli.render.report_map import change_map
from harness_cli.render.report_parts import (
    ORIGINS,
    STATUS_WORDS,
    Places,
    Row,
    by_hand,
    changes,
    control_names,
    counted,
    deciding,
    fails_on,
    failures,
    fixes,
    grouped,
    is_restricted,
    level_so_far,
    lowering,
    not_looked_at,
    places_of,
    shared_value,
    started_at,
    unread,
)
from harness_cli.review.report_document import Document


def render_html(document: Document) -> str:
    """The page."""
    places, tree = places_of(document), change_map(document)
    title = f"{document['verdict']}: {' '.join(changes(document)) or 'posture review'}"
    body = [
        _head(document),
        _decision(document, places),
        f"<h2>{'The change' if changes(document) else 'The account'}</h2>\n{map_svg(tree)}\n{map_list(tree)}",
        _failures(document, places),
        _list("Ended by this change", fixes(document), places),
        _list("To look at by hand", by_hand(document), places),
        _unread(document, places),
        _problems(document),
        _checks(document),
        _trail(document),
    ]
    return page(title, STYLE, "\n".join(filter(None, body)))


def _head(document: Document) -> str:
    requester, subject, calls = document["requester"], document["subject"], document["calls"]
    so_far = level_so_far(document)
    shown = " → ".join(changes(document)) or "The account's posture"
    facts = {
        "asked for by": f"{requester['userName']} ({'proven' if requester['proven'] else 'asserted'}"
        f"{', ' if requester['role'] else ''}{requester['role']})",
        "when": f"{started_at(document):%Y-%m-%d %H:%M} UTC, {document['durationMs'] / 1000:.1f} s",
        "AWS": ", ".join([*subject["accounts"], *subject["regions"]]) or "not looked at",
        "calls": f"{calls['total']} ({', '.join(f'{tool} {count}' for tool, count in calls['byTool'].items())})",
    }
    rows = "".join(f"<div><dt>{for_html(name)}</dt><dd>{for_html(value)}</dd></div>" for name, value in facts.items())
    sandbox = '<p class="note">The systems were the sandbox\'s stand-ins.</p>' if document["sandbox"] else ""
    return (
        f'<header>\n<p class="kicker">Infrastructure review in {for_html(document["environment"])}</p>\n'
        f"<h1>{for_html(shown)}</h1>\n"
        f'<p><span class="verdict {_verdict_class(document["verdict"])}">{for_html(document["verdict"])}</span>'
        f"{f' <b>so far {for_html(so_far)}</b>' if so_far else ''} score {document['verdictDetail']['score']:g} · "
        f'{counted(document)} · {for_html(fails_on(document))}</p>\n<dl class="facts">{rows}</dl>\n{sandbox}\n</header>'
    )


def _verdict_class(verdict: str) -> str:
    return {"BLOCK": "critical", "HIGH": "high", "MEDIUM": "medium", "LOW": "low", "NONE": "passed"}.get(verdict, "odd")


def _decision(document: Document, places: Places) -> str:
    missing = "".join(f"<li>{_sentence(one, places)}</li>" for one in not_looked_at(document))
    decided = "".join(f"<li>{_line(finding, places)}</li>" for finding in deciding(document))
    mending = "".join(f"<li>{_sentence(one, places)}</li>" for one in lowering(document))
    return "\n".join(
        filter(
            None,
            [
                f'<section class="warning"><h2>Not looked at</h2><ul>{missing}</ul></section>' if missing else "",
                f"<section><h2>What decides</h2><ol>{decided}</ol></section>" if decided else "",
                f"<section><h2>What would lower it</h2><ul>{mending}</ul></section>" if mending else "",
            ],
        )
    )


def _line(finding: Row, places: Places) -> str:
    where = places.of(finding)
    shown = f" <code>{for_html(where)}</code>" if where else ""
    return (
        f"{_chip(finding)} <b>{for_html(finding['id'])}</b> {_sentence(finding['title'], places)}: "
        f"{_sentence(finding['message'], places)}{shown}"
    )


def _chip(finding: Row) -> str:
    return f'<span class="chip {finding["severity"]}">{finding["severity"]}</span>'


def _failures(document: Document, places: Places) -> str:
    failed = failures(document)
    if not failed:
        return "<h2>No check failed</h2>"
    rows = [finding for group in grouped(failed) for finding in group.findings]
    cards = [
        _card(finding, places, again=" again" if before and _of_check(before) == _of_check(finding) else "")
        for before, finding in zip([None, *rows], rows, strict=False)
    ]
    return f"<h2>{len(failed)} failed</h2>\n" + "\n".join(cards)


def _of_check(finding: Row) -> tuple[object, ...]:
    """What findings of one check have in common."""
    return finding["id"], finding["title"], finding["remediation"], finding["controls"]


def _card(finding: Row, places: Places, *, again: str) -> str:
    """One failure; on paper what is said `again` of a check is left out: what it looks at, how to mend it."""
    origin = f"{ORIGINS[finding['origin']]}{'; waived' if finding['waiver'] else ''}"
    waived = f'<p class="note">waived: {for_html(finding["waiver"])}</p>' if finding["waiver"] else ""
    expired = f'<p class="note">{for_html(finding["detail"])}</p>' if finding["detail"] else ""
    where = ", ".join(f"<code>{for_html(places.resource(one))}</code>" for one in finding["resources"])
    mend, names = for_html(finding["remediation"] or ""), for_html(", ".join(control_names(finding)))
    return (
        f'<details class="card {finding["severity"]}"><summary>{_chip(finding)} <b>{for_html(finding["id"])}</b> '
        f'{_sentence(finding["message"], places)} <span class="where">{where} · {origin}</span></summary>\n'
        f'<p class="title{again}">{for_html(finding["title"])}</p>{waived}{expired}{_chain(finding)}'
        + (f'<p class="mend{again}"><b>Mend:</b> {mend}</p>\n' if mend else "")
        + (f'<p class="controls{again}">{names}</p>' if names else "")
        + "</details>"
    )


def _chain(finding: Row) -> str:
    """From the finding to the calls that fed it, each with its line in the audit trail."""
    rows = "".join(_evidence(finding, evidence) for evidence in finding["evidence"])
    head = "<tr><th>audit line</th><th>call</th><th>at</th><th>in the answer</th><th>value</th></tr>"
    return (
        f'<table class="lines chain"><thead>{head}</thead>{rows}</table>' if rows else "<p>no call fed this finding</p>"
    )


def _evidence(finding: Row, evidence: Row) -> str:
    kept = '<i>restricted<span class="digest">: kept as digest and pointer</span></i>'
    shown = kept if is_restricted(finding) else for_html(shared_value(finding, evidence))
    where = for_html(" ".join(filter(None, (evidence["account"], evidence["region"]))))
    whole = "" if evidence["pointer"] else ' class="digest"'  # on paper nothing is said of the whole answer
    return (
        f"<tr><td>#{evidence['auditSeq']}</td><td>{for_html(evidence['call'])} <br><small>{where}</small></td>"
        f"<td>{for_html(evidence['at'])}</td><td{whole}>{for_html(evidence['pointer']) or '/'}"
        f'<span class="digest"> <br><small>{for_html(evidence["digest"])}</small></span></td><td>{shown}</td></tr>'
    )


def _list(title: str, findings: Iterable[Row], places: Places) -> str:
    items = "".join(f"<li>{_line(finding, places)}</li>" for finding in findings)
    return f"<section><h2>{title}</h2><ul>{items}</ul></section>" if items else ""


def _unread(document: Document, places: Places) -> str:
    rows = "".join(
        f"<tr><td>{for_html(group.reason)}</td><td>{_sentence(group.detail, places)}</td>"
        f"<td>{for_html(group.counted)}</td></tr>"
        for group in unread(document)
    )
    head = "<tr><th>reason</th><th>what happened</th><th>checks</th></tr>"
    return f'<h2>Not evaluated</h2>\n<table class="lines"><thead>{head}</thead>{rows}</table>' if rows else ""


def _problems(document: Document) -> str:
    items = "".join(_problem(problem) for problem in document["problems"])
    return f"<section><h2>Problems</h2><ul>{items}</ul></section>" if items else ""


def _problem(problem: Row) -> str:
    place = f" <code>{for_html(problem['place'])}</code>" if problem["place"] else ""
    mend = f"<br>help: {for_html(problem['help'])}" if problem["help"] else ""
    return f"<li><b>{for_html(problem['code'])}</b> {for_html(problem['message'])}{place}{mend}</li>"


def _checks(document: Document) -> str:
    """How often each check said what: passes are kept, for a reader wants to know what was looked at."""
    items = "".join(
        f"<li><b>{for_html(name)}</b> {_counts(counts)}</li>" for name, counts in document["checks"].items()
    )
    title = f"Every check that was asked ({len(document['checks'])})"
    return f'<details><summary>{title}</summary><ul class="counts">{items}</ul></details>'


def _counts(counts: Row) -> str:
    return ", ".join(f"{counts[status]} {word}" for status, word in STATUS_WORDS.items() if counts.get(status))


def _trail(document: Document) -> str:
    audit, trace = document["audit"], document["traceId"]
    approvals = "".join(_approval(note) for note in document["approvals"])
    lines = "".join(f"<br>{for_html(line)}" for line in audit["checkpoint"].splitlines())
    checkpoint = f'<p class="checkpoint">checkpoint{lines}</p>' if lines else ""
    return (
        f"<section><h2>Trail</h2>{f'<ul>{approvals}</ul>' if approvals else ''}"
        f"<p><code>harness trace {for_html(trace)}</code> shows every call,<br>"
        f"<code>harness trace {for_html(trace)} --verify</code> proves that none is missing.</p>"
        f"<p><code>{for_html(audit['path'])}</code><br>last line <code>{for_html(audit['head'])}</code></p>"
        f"{checkpoint}</section>"
    )


def _approval(note: Row) -> str:
    approvers = f" by {for_html(', '.join(note['approvers']))}" if note["approvers"] else ""
    said = f"{for_html(note['requestId'])} of {for_html(note['tool'])}: {for_html(note['state'])}"
    return f"<li>{said}{approvers}</li>"


def _sentence(text: str, places: Places) -> str:
    return for_html(places.sentence(text))
