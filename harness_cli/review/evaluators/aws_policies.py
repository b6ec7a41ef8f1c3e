"""What AWS's own policies give, as far as it matters for more rights (IAM-07, IAM-08); their text is not read.

`aws_policies.txt` is our own table of facts, written by `tools/aws_policies.py`: a line a policy, its name and the
actions that it allows on everything of their kind; `iam:passrole=a,b` is limited to services; `*` is everything. A name
that it lacks is not known, and so not judged.
"""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any, Final

from harness_cli.review.aws_facts.documents import Document, parse_document
from harness_cli.review.evaluators.escalation_table import WAYS

PASS_ROLE: Final = "iam:passrole"  # noqa: S105 - an action, not a password
ACTIONS: Final = tuple(sorted({action for way in WAYS for action in way.actions}))
SERVICES: Final = tuple(sorted({way.passes_to for way in WAYS if way.passes_to}))

_NOT_IDENTITY: Final = {"Effect": "Allow", "NotAction": ["iam:*", "organizations:*", "account:*"], "Resource": "*"}
_WHOLE: Final[Mapping[str, Document]] = {  # those that make an administrator together with another one
    "IAMFullAccess": parse_document({"Statement": {"Effect": "Allow", "Action": "iam:*", "Resource": "*"}}),
    "PowerUserAccess": parse_document({"Statement": _NOT_IDENTITY}),
}


def aws_policy(name: str) -> Document | None:
    """A document that gives what AWS's policy of this name gives of the actions looked for; None for an unknown one."""
    if name in _WHOLE:
        return _WHOLE[name]
    words = table().get(name)
    return None if words is None else parse_document({"Statement": [_statement(word) for word in words]})


@cache
def table() -> Mapping[str, tuple[str, ...]]:
    """Name of a policy -> its words."""
    text = files("harness_cli.review.evaluators").joinpath("aws_policies.txt").read_text("ascii")
    lines = (line.split(" ") for line in text.splitlines() if not line.startswith("#"))
    return {name: tuple(words) for name, *words in lines}


def _statement(word: str) -> dict[str, Any]:  # Any: JSON
    action, limited, services = word.partition("=")
    statement: dict[str, Any] = {"Effect": "Allow", "Action": action, "Resource": "*"}
    if limited:
        statement["Condition"] = {"StringEquals": {"iam:PassedToService": services.split(",")}}
    return statement
