"""The change as a small tree: ticket → pull requests → resources, with the verdict on each node."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from harness_cli.render.report_parts import SEVERITIES, Row, places_of, worst
from harness_cli.review.report_document import Document

MOST_RESOURCES: Final = 6  # under one node; the table shows them all
_ORDER: Final = (*SEVERITIES, "to look at by hand", "not evaluated", "passed", "")


@dataclass(frozen=True, slots=True)
class Node:
    """One thing that was looked at; `verdict` is a severity, or a word, or empty where nothing was said of it."""

    label: str
    verdict: str
    checks: tuple[str, ...] = ()  # those that failed, or that were not evaluated where none failed
    children: tuple["Node", ...] = ()
    is_more: bool = False  # stands for what was left out


def change_map(document: Document) -> Node:
    """The tree of a document; only resources on which something failed or waits for a person are in it."""
    said, places = _by_resource(document["findings"]), places_of(document)
    subject = document["subject"]
    pulls: Sequence[str] = subject["pullRequests"]
    root = subject["ticket"] or ""
    below: dict[str, list[Node]] = {name: [] for name in pulls}
    for uid, (resource, findings) in said.items():
        if uid == root or uid in below:
            continue
        below.setdefault(_parent(resource, pulls), []).append(_node(places.resource(resource), findings))
    children = tuple(
        _over(name if name in pulls else f"AWS {name}", said.get(name, ({}, []))[1], nodes, _cut(nodes))
        for name, nodes in below.items()
        if name and (name in pulls or _worth(nodes))
    )
    loose = [finding for finding in document["findings"] if not finding["resources"]]
    own = [*said.get(root, ({}, []))[1], *loose]
    below_it = (*children, *_cut(below.get("", [])))
    if root:
        top = _node(root, own)
        return Node(top.label, top.verdict, top.checks, below_it)
    return _over("pull requests" if pulls else "posture review", own, below_it, below_it)


def _by_resource(findings: Iterable[Row]) -> dict[str, tuple[Row, list[Row]]]:
    """What was said of each resource; its place in code is kept from whichever finding knows it."""
    said: dict[str, tuple[Row, list[Row]]] = {}
    for finding in findings:
        for resource in finding["resources"]:
            known, rows = said.setdefault(resource["uid"], (resource, []))
            if "iac" in resource and "iac" not in known:
                said[resource["uid"]] = (resource, rows)
            rows.append(finding)
    return said


def _parent(resource: Row, pulls: Sequence[str]) -> str:
    """The pull request whose repository declares a resource, else its account, else nothing."""
    repository = resource.get("iac", {}).get("repo")
    owner = next((pull for pull in pulls if pull.rpartition("#")[0] == repository), "")
    return owner or str(resource["account"])


def _node(label: str, findings: Sequence[Row]) -> Node:
    verdict = _verdict(findings)
    wanted = "NOT_EVALUATED" if verdict == _ORDER[5] else "FAIL"
    checks = dict.fromkeys(f["id"] for f in findings if f["status"] == wanted and not f["waiver"])
    return Node(label, verdict, tuple(checks))


def _verdict(findings: Sequence[Row]) -> str:
    statuses = {finding["status"] for finding in findings}
    if failed := worst(findings):
        return failed
    for status, word in (("MANUAL", _ORDER[4]), ("NOT_EVALUATED", _ORDER[5])):
        if status in statuses:
            return word
    return "passed" if "PASS" in statuses else ""


def _over(label: str, findings: Sequence[Row], below: Sequence[Node], shown: tuple[Node, ...]) -> Node:
    """A node that is as bad as the worst below it, shown or not."""
    own = _node(label, findings)
    verdict = min((own.verdict, *(node.verdict for node in below)), key=_ORDER.index)
    return Node(label, verdict, own.checks, shown)


def _worth(nodes: Iterable[Node]) -> list[Node]:
    return [node for node in nodes if node.verdict in _ORDER[:5]]


def _cut(nodes: Sequence[Node]) -> tuple[Node, ...]:
    """The worst few, and how many more there are."""
    shown = sorted(_worth(nodes), key=lambda node: _ORDER.index(node.verdict))
    if len(shown) <= MOST_RESOURCES:
        return tuple(shown)
    left = shown[MOST_RESOURCES:]
    return (*shown[:MOST_RESOURCES], Node(f"and {len(left)} more", left[0].verdict, is_more=True))
