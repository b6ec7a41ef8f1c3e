"""H030: an environment without a gate: everything is denied there."""

from collections.abc import Iterator

from harness_cli.config.document import Mapping, Scalar, Sequence
from harness_cli.config.model import IdentityBinding, KeyPath
from harness_cli.core.diagnostic import Severity, Span
from harness_cli.lint.rule import Found, Rule
from harness_cli.lint.subject import Subject

_GATES = ("policy_engine", "environment_gates")
_USUAL = ("dev", "staging", "prod")
_KEYED_BY_ENVIRONMENT: tuple[KeyPath, ...] = (
    ("review", "environments"),
    ("review", "required_approvals"),
    ("approvals", "min_assurance"),
)


def check(subject: Subject) -> Iterator[Found]:
    """The usual environments, and those that the file names elsewhere."""
    if not subject.is_sound(*_GATES):
        return
    named = dict(_named(subject))
    is_local = subject.config.runtime.identity_binding is IdentityBinding.LOCAL  # never enough for staging and prod
    for environment in sorted(named.keys() | set(_USUAL[:1] if is_local else _USUAL)):
        if environment not in subject.gates:
            span = named.get(environment, subject.key(*_GATES))
            message = f"environment `{environment}` has no gate: everything is denied there"
            yield Found(span, message, f"add `{environment}:` under `environment_gates`")


def _named(subject: Subject) -> Iterator[tuple[str, Span]]:
    for path in reversed(_KEYED_BY_ENVIRONMENT):
        node = subject.node(*path)
        if isinstance(node, Mapping):
            yield from ((entry.key.raw, entry.key.span) for entry in node.entries)
    lists: list[KeyPath] = [("roles", name, "environments") for name in subject.config.roles or {}]
    lists += [("review", "freezes", index, "environments") for index in range(len(subject.config.review.freezes))]
    for path in lists:
        node = subject.node(*path)
        if isinstance(node, Sequence):
            yield from ((item.raw, item.span) for item in node.items if isinstance(item, Scalar))


RULE = Rule(
    code="H030",
    severity=Severity.WARNING,
    title="environment without a gate",
    why="What has no gate is closed (P002). An environment that is left out by mistake is found when a run is "
    "refused; one that is closed on purpose is clearer with a gate that says so.",
    mend="add a gate, or one with `allowed_tools: []` where nothing is meant to pass",
    check=check,
)
