"""The page of all checks (`docs/checks.md`): written from the registry, so that it never lags behind."""

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Final

from harness_cli.review.live_facts.needs import operations_for
from harness_cli.review.registry import Check

_HEAD: Final = """\
# Checks of `harness run`

Each check looks at facts only, and says PASS, FAIL, NOT_APPLICABLE, MANUAL or NOT_EVALUATED with a reason: what could
not be read is never green. `harness explain EC2-01` shows one of them, `harness run --check ID` and `--skip ID` narrow
a run, `review.waivers` accepts a finding with a reason and a last day, `review.freezes` names times in which nothing
is changed. Evidence of a *restricted* check stays digest and pointer in everything that is shared: Slack, Markdown,
HTML, SARIF, OCSF.
"""
_FAMILIES: Final = {
    "TKT": "Ticket",
    "GH": "Pull request and diff",
    "X": "Across systems",
}
_LIVE: Final = "Live AWS account"
_ORDER: Final = (*_FAMILIES.values(), _LIVE)


def checks_page(checks: Iterable[Check]) -> str:
    """The page in Markdown: a table of all checks, then a section for each."""
    ordered = sorted(checks, key=lambda check: (_ORDER.index(_family(check)), check.id))
    return "".join([_HEAD, *_tables(ordered), "\n## Each check\n", *(_section(check) for check in ordered)])


def _family(check: Check) -> str:
    return _FAMILIES.get(check.id.partition("-")[0], _LIVE)


def _tables(ordered: Iterable[Check]) -> Iterator[str]:
    for family, checks in groupby(ordered, key=_family):
        yield f"\n## {family}\n\n| check | severity | title |\n| --- | --- | --- |\n"
        for check in checks:
            yield f"| [{check.id}](#{check.id.lower()}) | {check.severity.value} | {_plain(check.title)} |\n"


def _section(check: Check) -> str:
    about = _about(check)
    kind = f"{check.severity.value}{', restricted' if check.data_class == 'restricted' else ''}"
    lines = [
        f"\n### {check.id}\n",
        f"**{_plain(check.title)}** ({kind})\n",
        *([f"{about}\n"] if about else []),
        f"Reads: {_reads(check)}.\n",
        f"Controls: {_controls(check)}.\n",
        f"Mend: {_plain(check.remediation)}\n",
    ]
    return "\n".join(lines)


def _about(check: Check) -> str:
    """What the check's own function promises, without its id."""
    said = " ".join((check.judge.__doc__ or "").split()).removeprefix(f"{check.id}: ")
    return _plain(said[:1].upper() + said[1:])


def _reads(check: Check) -> str:
    systems = ", ".join(source.value for source in check.sources) or "nothing"
    operations = ", ".join(f"`{name}`" for name in sorted(operations_for([check.id])))
    return f"{systems} ({operations})" if operations else systems


def _controls(check: Check) -> str:
    names = (" ".join(filter(None, (one.framework, one.version, one.id))) for one in check.controls)
    return ", ".join(names) or "none"


def _plain(text: str) -> str:
    """A sentence of ours in Markdown: stars and angle brackets are meant as they stand."""
    return text.replace("*", "\\*").replace("<", "&lt;").replace("|", "\\|")
