"""TKT-11: the pull requests that a ticket leads to."""

from collections.abc import Iterator

from harness_cli.config.model import System
from harness_cli.core.reasons import Reason
from harness_cli.review.case import Case
from harness_cli.review.checks.change import evidence_of, on_ticket, pull_subject, some, ticket_subject
from harness_cli.review.evidence import Evidence, Known, Unread
from harness_cli.review.facts import LinkedPull, PullRef, Ticket
from harness_cli.review.finding import Severity
from harness_cli.review.registry import Outcome, check, failed, missing, not_evaluated, passed


@check(
    "TKT-11",
    "Linked pull requests resolvable and in scope",
    Severity.HIGH,
    sources=(System.JIRA, System.GITHUB),
    controls="NIST-800-53r5//CM-3",
    remediation="Link each pull request by its whole address (https://HOST/OWNER/REPO/pull/NUMBER) and keep to "
    "the repositories of the GitHub tool's scope.",
)
@on_ticket
def links_are_in_scope(case: Case, ticket: Known[Ticket]) -> Iterator[Outcome]:
    """Ticket and pull requests find each other; every link can be followed and stays in the scope."""
    subject, links = ticket_subject(case), ticket.value.links
    if case.config.connections.github is None:
        yield missing(Reason.NOT_CONFIGURED, "`connections.github` is not configured", subject)
        return
    evidence = evidence_of(ticket, links)
    found = links.value if isinstance(links, Known) else ()
    named = tuple(ref for ref, key_evidence in _naming(case, ticket.value.key))
    evidence += tuple(e for _, key_evidence in _naming(case, ticket.value.key) for e in key_evidence)
    faults = list(_faults(found))
    for fault, extra in faults:
        yield failed(fault, subject, evidence=evidence, extra=extra)
    unread = list(_unread_pulls(case, found))
    yield from unread
    if isinstance(links, Unread):
        yield not_evaluated(links, subject)
    elif not found and not named:
        yield failed("the ticket and no pull request name each other", subject, evidence=evidence)
    elif not faults and not unread:
        refs = sorted({*named, *(link.ref for link in found if link.ref)})
        yield passed(f"linked and in scope: {some(map(str, refs))}", subject, evidence=evidence)


def _naming(case: Case, key: str) -> Iterator[tuple[PullRef, tuple[Evidence, ...]]]:
    """Pull requests that name the ticket in title, branch or body."""
    for ref, fact in sorted(case.pulls.items()):
        if isinstance(fact, Known) and key in fact.value.ticket_keys:
            yield ref, fact.evidence


def _faults(links: tuple[LinkedPull, ...]) -> Iterator[tuple[str, str]]:
    outside = {str(link.ref): None for link in links if link.ref and not link.in_scope}
    for ref in outside:
        yield f"{ref} lies outside the scope", ref
    if strange := sum(link.ref is None and not link.host_is_ours for link in links):
        yield f"{strange} link{_s(strange)} to pull requests at another host", "other-host"
    if crooked := sum(link.ref is None and link.host_is_ours for link in links):
        yield f"{crooked} link{_s(crooked)} of another form than /OWNER/REPO/pull/NUMBER", "form"


def _unread_pulls(case: Case, links: tuple[LinkedPull, ...]) -> Iterator[Outcome]:
    for ref in sorted({link.ref for link in links if link.ref and link.in_scope}):
        pull = case.pulls.get(ref)
        if isinstance(pull, Unread):
            yield not_evaluated(pull, ticket_subject(case), pull_subject(ref))


def _s(count: int) -> str:
    return "" if count == 1 else "s"
