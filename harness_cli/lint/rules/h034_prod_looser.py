"""H034: prod asks for less than dev or staging."""

from collections.abc import Iterator, Mapping

from harness_cli.config.model import Action
from harness_cli.core.diagnostic import Severity
from harness_cli.lint.rule import Found, Rule
from harness_cli.lint.subject import PROD, Subject

_GATES = ("policy_engine", "environment_gates")
_LOWER = ("dev", "staging")
_ASSURANCE = ("medium", "high")


def check(subject: Subject) -> Iterator[Found]:
    """Gates, reviews and assurance of prod beside those of dev and staging."""
    if subject.is_sound(*_GATES) and PROD in subject.gates:
        yield from _gates(subject)
    approvals = subject.config.approvals
    if subject.is_sound("review", "required_approvals"):
        numbers = subject.config.review.required_approvals
        yield from _less(subject, numbers, ("review", "required_approvals"), "approving reviews")
    if approvals is not None and subject.is_sound("approvals", "min_assurance"):
        ranks = {env: _ASSURANCE.index(level) for env, level in approvals.min_assurance.items()}
        yield from _less(subject, ranks, ("approvals", "min_assurance"), "assurance")


def _gates(subject: Subject) -> Iterator[Found]:
    prod = subject.gates[PROD]
    lower = {env: subject.gates[env] for env in _LOWER if env in subject.gates and subject.gates[env].allowed_tools}
    asking = [env for env, gate in lower.items() if gate.requires_human_approval]
    if asking and not prod.requires_human_approval:
        span = subject.value(*_GATES, PROD, "requires_human_approval")
        yield Found(span, f"{' and '.join(asking)} ask for a person, prod does not", "write `true`")
    elsewhere = {group for gate in lower.values() for group in gate.allowed_tools}
    for index, group in enumerate(prod.allowed_tools):
        if lower and group not in elsewhere and _changes_unasked(subject, group):
            span = subject.value(*_GATES, PROD, "allowed_tools", index)
            message = f"prod allows `{group}`, which {' and '.join(lower)} do not"
            yield Found(span, message, "allow it in dev too, so that it is tried there first, or delete it here")


def _changes_unasked(subject: Subject, group: str) -> bool:
    """Whether a group holds a tool that changes something and does not ask each time itself."""
    members = (subject.tools[name] for name in subject.groups.get(group, ()) if name in subject.tools)
    return any(a is not Action.READ for tool in members if not tool.requires_approval for a in tool.actions)


def _less(subject: Subject, values: Mapping[str, int], path: tuple[str, str], what: str) -> Iterator[Found]:
    stricter = [env for env in _LOWER if PROD in values and values.get(env, -1) > values[PROD]]
    if stricter:
        message = f"prod wants less {what} than {' and '.join(stricter)}"
        yield Found(subject.value(*path, PROD), message, "raise it to the same at least")


RULE = Rule(
    code="H034",
    severity=Severity.WARNING,
    title="prod looser than dev or staging",
    why="What is guarded in dev and open in prod is guarded in the wrong place; mostly two lines were swapped.",
    mend="make prod at least as strict as dev and staging",
    check=check,
)
