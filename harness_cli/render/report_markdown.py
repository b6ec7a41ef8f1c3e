"""The report as Markdown, for a comment on a pull request or a ticket.

Evidence of class restricted and above is digest and pointer; every text is escaped; check ids stand in code spans,
for GitHub reads `GH-01` as a link to issue 1. Never longer than a comment may be: rows are left out from the end,
and the text says how many.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from harness_cli.guard.encode import for_markdown, for_markdown_block, for_markdown_code
from harness_cli.render.report_parts import (
    MARKS,
    ORIGINS,
    Group,
    Places,
    Row,
    by_hand,
    changes,
    counted,
    deciding,
    fails_on,
    failures,
    fixes,
    grouped,
    is_restricted,
    is_set_aside,
    level_so_far,
    lowering,
    not_looked_at,
    places_of,
    set_aside,
    shared_value,
    unread,
)
from harness_cli.review.report_document import Document

LARGEST: Final = 60_000  # a comment on GitHub holds 65,536 characters
_ROWS: Final = 26_000  # what the table may take of it
_FOLDED: Final = 4_000  # and what is left at least for the folded one
_EVIDENCE: Final = 12_000
_PLACES: Final = 3  # named in one row
_LINES: Final = 3
_MESSAGE: Final = 400


def render_markdown(document: Document) -> str:
    """The comment."""
    places = places_of(document)
    sections = [
        _head(document, places),
        _decision(document, places),
        _table(document, places),
        _listed("ended by this change", (_heading(finding, places) for finding in fixes(document))),
        _listed("to look at by hand", (_heading(finding, places) for finding in by_hand(document))),
        _unread(document, places),
        _evidence(document),
    ]
    foot = _foot(document)
    text, left = "", 0
    for section in filter(None, sections):
        if len(text) + len(section) + len(foot) + _MESSAGE < LARGEST:
            text += section + "\n"
        else:
            left += 1
    more = f"… and {left} more of its parts\\: {_whole(document)}\n\n" if left else ""
    return text + more + foot


def _head(document: Document, places: Places) -> str:
    so_far = level_so_far(document)
    verdict = f"{document['verdict']} (so far {so_far})" if so_far else document["verdict"]
    subject = " → ".join(f"**{for_markdown(change)}**" for change in changes(document)) or "**Posture review**"
    score = f"{document['verdictDetail']['score']:g}"
    lines = [
        f"## Infrastructure review: {for_markdown(verdict)}",
        "",
        f"{subject} in {for_markdown_code(document['environment'])} · score {for_markdown(score)}"
        f" · {counted(document)} · {for_markdown(fails_on(document))}",
    ]
    if document["sandbox"]:
        lines += ["", "The systems were the sandbox's stand\\-ins\\."]
    for sentence in not_looked_at(document):
        lines += ["", f"> **Not looked at:** {_sentence(sentence, places)}"]
    return "\n".join(lines) + "\n"


def _decision(document: Document, places: Places) -> str:
    lines = [f"{number}. {_heading(finding, places)}" for number, finding in enumerate(deciding(document), 1)]
    text = "**What decides**\n\n" + "\n".join(lines) + "\n" if lines else ""
    mending = [f"- {_sentence(sentence, places)}" for sentence in lowering(document)]
    return text + ("\n**What would lower it**\n\n" + "\n".join(mending) + "\n" if mending else "")


def _heading(finding: Row, places: Places) -> str:
    where = places.of(finding)
    shown = f" \\({for_markdown_code(where, width=120)}\\)" if where else ""
    return (
        f"**{finding['severity']}** {for_markdown_code(finding['id'])} {_sentence(finding['title'], places)}\\: "
        f"{_sentence(finding['message'], places)}{shown}"
    )


def _table(document: Document, places: Places) -> str:
    """What failed; in a review of a change, what is no word against it folded below."""
    failed = failures(document)
    if not failed:
        return "No check failed\\.\n"
    folded = [finding for finding in failed if is_set_aside(finding)] if changes(document) else []
    shown = [finding for finding in failed if not folded or not is_set_aside(finding)]
    whole = _whole(document)
    rows = _rows(shown, places, _ROWS, whole) if shown else "Nothing failed that this change brings\\.\n"
    below = _rows(folded, places, max(_ROWS - len(rows), _FOLDED), whole) if folded else ""
    kept = f"\n<details><summary>{set_aside(folded)}</summary>\n\n{below}\n</details>\n" if folded else ""
    return f"{rows}{kept}\n<sub>{_legend(failed)}</sub>\n"


def _rows(failed: Sequence[Row], places: Places, room: int, whole: str) -> str:
    head = "| severity | | check | what | where | audit |\n| --- | --- | --- | --- | --- | --- |\n"
    rows, left = _fitting((_row(group, places) for group in grouped(failed)), room)
    return f"{head}{rows}" + (f"\n… and {left} more: {whole}\n" if left else "")


def _row(group: Group, places: Places) -> str:
    finding, where, lines = group.first, group.places(places), group.lines_of_audit
    waived = f" — {_sentence(finding['waiver'], places)}" if finding["waiver"] else ""
    more = f" and {len(where) - _PLACES} more" if len(where) > _PLACES else ""
    cells = (
        finding["severity"],
        for_markdown(MARKS[finding["origin"]]),
        for_markdown_code(finding["id"]),
        _sentence(finding["message"], places) + waived,
        ", ".join(for_markdown_code(one, width=120) for one in where[:_PLACES]) + more,
        for_markdown(" ".join(f"#{seq}" for seq in lines[:_LINES])) + (" …" if len(lines) > _LINES else ""),
    )
    return "| " + " | ".join(cells) + " |\n"


def _legend(findings: Iterable[Row]) -> str:
    seen = {finding["origin"] for finding in findings}
    marks = [f"{for_markdown(mark)} {ORIGINS[origin]}" for origin, mark in MARKS.items() if origin in seen]
    return " · ".join([*marks, "\\#n\\: line of the audit trail"])


def _unread(document: Document, places: Places) -> str:
    lines = [
        f"{for_markdown_code(group.reason)} {_sentence(group.detail, places)}\\: {for_markdown_code(group.counted)}"
        for group in unread(document)
    ]
    return _listed("reasons why something was not evaluated", lines)


def _listed(title: str, lines: Iterable[str]) -> str:
    every = list(lines)
    if not every:
        return ""
    body, left = _fitting((f"- {line}\n" for line in every), _EVIDENCE)
    more = f"- … and {left} more\n" if left else ""
    return f"<details><summary>{len(every)} {title}</summary>\n\n{body}{more}\n</details>\n"


def _evidence(document: Document) -> str:
    lines = [line for finding in failures(document) for line in _evidence_lines(finding)]
    body, left = _fitting((f"{line}\n" for line in lines), _EVIDENCE)
    if not body:
        return ""
    more = f"… and {left} more lines\n" if left else ""
    block = for_markdown_block((body + more).rstrip(), lines=len(lines) + 1)
    return f"<details><summary>evidence</summary>\n\n{block}\n</details>\n"


def _evidence_lines(finding: Row) -> Iterator[str]:
    for evidence in finding["evidence"]:
        at = " ".join(filter(None, (evidence["digest"], evidence["pointer"])))
        value = shared_value(finding, evidence)
        kept = " [restricted]" if is_restricted(finding) else f" = {value}" if value else ""
        yield f"{finding['id']} #{evidence['auditSeq']} {evidence['call']} {at}{kept}".replace("\n", "\\n")


def _fitting(rows: Iterable[str], room: int) -> tuple[str, int]:
    """The rows that fit, and how many did not."""
    kept, left = "", 0
    for row in rows:
        if left or len(kept) + len(row) > room:
            left += 1
        else:
            kept += row
    return kept, left


def _whole(document: Document) -> str:
    """The command that shows what was left out."""
    return for_markdown_code(f"harness report {document['traceId']}")


def _foot(document: Document) -> str:
    requester = for_markdown(document["requester"]["userName"])
    command = for_markdown_code(f"harness trace {document['traceId']}")
    return f"<sub>asked for by {requester} · {document['calls']['total']} calls · trail\\: {command}</sub>\n"


def _sentence(text: str, places: Places) -> str:
    return for_markdown(places.sentence(text), width=_MESSAGE)
