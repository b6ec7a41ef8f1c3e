"""H043: no roles of one's own."""

from collections.abc import Iterator

from harness_cli.core.diagnostic import Severity
from harness_cli.lint.rule import Found, Rule
from harness_cli.lint.subject import Subject


def check(subject: Subject) -> Iterator[Found]:
    """Whether the file, or a layer, says who may read what."""
    in_layer = any(layer.config.roles is not None for layer in subject.config.layers)
    if not subject.has("roles") and not in_layer and subject.is_sound("roles"):
        message = "no `roles:`: the built-in roles engineer and security-admin hold"
        yield Found(subject.document.start, message, "add `roles:` with the clearance of each")


RULE = Rule(
    code="H043",
    severity=Severity.WARNING,
    title="no `roles:`",
    why="Without roles of its own the file has two: engineer may read public, internal and restricted data, "
    "security-admin all, both in every environment with a gate. That is rarely what is wanted.",
    mend="add `roles:`",
    check=check,
)
