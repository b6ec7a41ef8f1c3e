"""Ticket checks about what it says: TKT-04 05 07 12. TKT-06 and 11 are in modules of their own."""

from collections.abc import Iterator
from typing import Final

from harness_cli.config.model import System
from harness_cli.core.reasons import Reason
from harness_cli.review.case import Case
from harness_cli.review.checks.change import label, on_ticket, some, ticket_subject
from harness_cli.review.checks.environments import environments_of
from harness_cli.review.checks.risk import Rating, declared, deleted_state, of_changed_code, unjudged_state
from harness_cli.review.evidence import Known
from harness_cli.review.facts import TextFact, Ticket
from harness_cli.review.finding import Severity
from harness_cli.review.registry import Outcome, check, failed, missing, not_evaluated, passed

ROLLBACK_WORDS: Final = 6  # fewer words name no step


@check(
    "TKT-05",
    "Rollback plan is real",
    Severity.HIGH,
    sources=(System.JIRA,),
    controls="NIST-800-53r5//CM-3 NIST-800-53r5//CP-10",
    remediation="Write down what is rolled back, how, by whom and in which time; where the change deletes state, "
    "name the backup it comes back from.",
)
@on_ticket
def rollback_plan_is_real(case: Case, ticket: Known[Ticket]) -> Iterator[Outcome]:
    """There is a plan, it is no placeholder and has enough words to name a step."""
    subject, plan = ticket_subject(case), ticket.value.rollback
    if plan is None:
        yield missing(Reason.NOT_CONFIGURED, "`connections.jira.fields.rollback` is not configured", subject)
    elif fault := _plan_fault(plan):
        yield failed(f"the rollback plan {fault}", subject, evidence=ticket.evidence)
    elif plan.only_reverts and (lost := deleted_state(case)):
        message = f"the rollback plan only takes the code back, but the change touches state: {lost}"
        yield failed(message, subject, evidence=ticket.evidence)
    elif plan.only_reverts and (unread := unjudged_state(case)):
        yield not_evaluated(unread, subject)
    else:
        yield passed(f"there is a rollback plan of {plan.words} words", subject, evidence=ticket.evidence)


def _plan_fault(plan: TextFact) -> str:
    if not plan.words:
        return "is empty"
    if plan.is_placeholder:
        return "is a placeholder"
    return f"has {plan.words} words, which name no step" if plan.words < ROLLBACK_WORDS else ""


@check(
    "TKT-04",
    "Risk rating present and consistent",
    Severity.MEDIUM,
    sources=(System.JIRA,),
    controls="NIST-800-53r5//CM-4 NIST-800-53r5//RA-3",
    remediation="Rate the change by what it does (an introduced critical finding is at least high), and have the new "
    "rating approved.",
)
@on_ticket
def risk_is_rated(case: Case, ticket: Known[Ticket]) -> Iterator[Outcome]:
    """The rating is there and not lower than what the changed code adds up to."""
    subject, said = ticket_subject(case), ticket.value.risk
    if said is None:
        yield missing(Reason.NOT_CONFIGURED, "`connections.jira.fields.risk` is not configured", subject)
        return
    if not said:
        yield failed("the ticket has no risk rating", subject, evidence=ticket.evidence)
        return
    rating, computed = declared(said), of_changed_code(case)
    if rating is None:
        yield missing(Reason.MISSING_MAPPING, f"`{label(said)}` is no known risk rating", subject)
    elif rating < computed.rating:
        message = f"the ticket says {rating.word}, the change is {computed.rating.word}: {computed.why}"
        yield failed(message, subject, evidence=ticket.evidence)
    elif computed.unread and rating < Rating.HIGH:
        yield not_evaluated(computed.unread, subject)
    else:
        message = f"the ticket says {rating.word}, the changed code is {computed.rating.word}"
        yield passed(message, subject, evidence=ticket.evidence)


@check(
    "TKT-07",
    "Environment and affected items named",
    Severity.MEDIUM,
    sources=(System.JIRA,),
    controls="NIST-800-53r5//CM-8",
    remediation="Fill in the environment field and name the affected component or account, as the configuration knows "
    "them (`review.environments`, `accounts`).",
)
@on_ticket
def items_are_named(case: Case, ticket: Known[Ticket]) -> Iterator[Outcome]:
    """Environment, component and account are there and known."""
    subject, said = ticket_subject(case), ticket.value.environment
    if said is None:
        yield missing(Reason.NOT_CONFIGURED, "`connections.jira.fields.environment` is not configured", subject)
        return
    faults = list(_naming_faults(case, ticket.value, said))
    if faults:
        yield failed("; ".join(faults), subject, evidence=ticket.evidence)
    else:
        items = some((*ticket.value.components, *ticket.value.account_ids))
        yield passed(f"the ticket names {label(said)} and {items}", subject, evidence=ticket.evidence)


def _naming_faults(case: Case, ticket: Ticket, said: str) -> Iterator[str]:
    environments = environments_of(case.config)
    if not said:
        yield "no environment is named"
    elif environments.names and not environments.named(said):
        yield f"the environment `{label(said)}` is not configured"
    if not ticket.components and not ticket.account_ids:
        yield "no component and no account is named"
    known = {*case.config.accounts.values(), *(a for part in environments.mapped.values() for a in part.accounts)}
    if strange := [account for account in ticket.account_ids if known and account not in known]:
        yield f"the account {some(strange)} is not configured"


@check(
    "TKT-12",
    "Secret or instruction text in the ticket",
    Severity.MEDIUM,
    sources=(System.JIRA,),
    controls="NIST-800-53r5//IA-5(7) NIST-800-53r5//SI-10",
    remediation="Revoke and remove the secret; read the passage that is written to a tool rather than to people, and "
    "ask who put it there. Nothing in it is followed.",
)
@on_ticket
def text_is_plain(case: Case, ticket: Known[Ticket]) -> Iterator[Outcome]:
    """No text of the ticket holds a secret or speaks to a tool; what is found is told by kind, never quoted."""
    subject, value = ticket_subject(case), ticket.value
    texts = [("description", value.description), ("rollback plan", value.rollback or TextFact(0))]
    texts += [("a comment", comment) for comment in value.comments]
    found = dict.fromkeys((where, kind) for where, text in texts for kind in _suspicions(text))
    for where, kind in found:
        yield failed(f"{where} {kind}", subject, evidence=ticket.evidence, extra=f"{where} {kind}")
    if value.comments_unread is not None:
        yield not_evaluated(value.comments_unread, subject)
    elif not found:
        yield passed("no secret and no text that speaks to a tool", subject, evidence=ticket.evidence)


def _suspicions(text: TextFact) -> Iterator[str]:
    for kind in text.secret_kinds:
        yield f"holds a secret of kind {label(kind)}"
    for rule in text.signals:
        yield f"speaks to a tool ({label(rule)})"
