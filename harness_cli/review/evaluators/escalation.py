"""Ways to more rights than one was given: our own table of action combinations, pinned here (IAM-08).

A way is open where every action of it is allowed on everything of its kind, unconditionally or under a condition
that the holder can meet. Sources: the published research on IAM privilege escalation; each row is a fact of the API.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from harness_cli.review.aws_facts.documents import Document, Statement
from harness_cli.review.evaluators.iam_document import covers_action, covers_whole_type, is_denied, is_weak, matches


@dataclass(frozen=True, slots=True)
class Way:
    """One combination; `passes_to` is the service that a passed role must be trusted by."""

    name: str
    actions: tuple[str, ...]
    passes_to: str = ""


_PASS: Final = "iam:passrole"  # noqa: S105 - an action, not a password

WAYS: Final = (
    Way("writes a new version of a policy", ("iam:createpolicyversion",)),
    Way("takes back an older version of a policy", ("iam:setdefaultpolicyversion",)),
    Way("attaches a policy to a user", ("iam:attachuserpolicy",)),
    Way("attaches a policy to a group", ("iam:attachgrouppolicy",)),
    Way("attaches a policy to a role", ("iam:attachrolepolicy",)),
    Way("writes a user's own policy", ("iam:putuserpolicy",)),
    Way("writes a group's own policy", ("iam:putgrouppolicy",)),
    Way("writes a role's own policy", ("iam:putrolepolicy",)),
    Way("joins a group", ("iam:addusertogroup",)),
    Way("makes keys for another user", ("iam:createaccesskey",)),
    Way("gives another user a password", ("iam:createloginprofile",)),
    Way("changes another user's password", ("iam:updateloginprofile",)),
    Way("lets itself into a role", ("iam:updateassumerolepolicy", "sts:assumerole")),
    Way("assumes any role", ("sts:assumerole",)),
    Way("starts a machine with any role", (_PASS, "ec2:runinstances"), "ec2.amazonaws.com"),
    Way(
        "runs a function with any role",
        (_PASS, "lambda:createfunction", "lambda:invokefunction"),
        "lambda.amazonaws.com",
    ),
    Way(
        "feeds a function with any role",
        (_PASS, "lambda:createfunction", "lambda:createeventsourcemapping"),
        "lambda.amazonaws.com",
    ),
    Way(
        "opens a function with any role",
        (_PASS, "lambda:createfunction", "lambda:addpermission"),
        "lambda.amazonaws.com",
    ),
    Way("changes a function's code", ("lambda:updatefunctioncode",)),
    Way("changes a function's layers", ("lambda:updatefunctionconfiguration",)),
    Way("creates a stack with any role", (_PASS, "cloudformation:createstack"), "cloudformation.amazonaws.com"),
    Way("builds with any role", (_PASS, "codebuild:createproject", "codebuild:startbuild"), "codebuild.amazonaws.com"),
    Way("opens a Glue endpoint with any role", (_PASS, "glue:createdevendpoint"), "glue.amazonaws.com"),
    Way("takes over a Glue endpoint", ("glue:updatedevendpoint",)),
    Way("runs a Glue job with any role", (_PASS, "glue:createjob", "glue:startjobrun"), "glue.amazonaws.com"),
    Way(
        "runs a pipeline with any role",
        (_PASS, "datapipeline:createpipeline", "datapipeline:putpipelinedefinition", "datapipeline:activatepipeline"),
        "datapipeline.amazonaws.com",
    ),
    Way("runs a task with any role", (_PASS, "ecs:registertaskdefinition", "ecs:runtask"), "ecs-tasks.amazonaws.com"),
    Way(
        "opens a notebook with any role",
        (_PASS, "sagemaker:createnotebookinstance", "sagemaker:createpresignednotebookinstanceurl"),
        "sagemaker.amazonaws.com",
    ),
    Way(
        "runs a state machine with any role",
        (_PASS, "states:createstatemachine", "states:startexecution"),
        "states.amazonaws.com",
    ),
    Way("runs commands on any machine", ("ssm:sendcommand",)),
    Way("opens a session on any machine", ("ssm:startsession",)),
    Way("takes away a boundary from a user", ("iam:deleteuserpermissionsboundary",)),
    Way("takes away a boundary from a role", ("iam:deleterolepermissionsboundary",)),
)

_KINDS: Final = {
    "iam": ("user/", "role/", "group/", "policy/"),
    "sts": ("role/",),
    "lambda": ("function:",),
    "ec2": ("instance/",),
    "ssm": ("instance/", "managed-instance/"),
    "glue": ("devEndpoint/", "job/"),
}


def open_ways(documents: Iterable[Document], boundary: Document | None = None) -> Iterator[Way]:
    """Every way that the documents leave open."""
    together = tuple(documents)
    return (way for way in WAYS if is_open(way, together, boundary))


def is_open(way: Way, documents: Sequence[Document], boundary: Document | None = None) -> bool:
    """Whether the documents, within a boundary, allow every action of a way."""
    within = boundary is None or all(_allowed((boundary,), action, way) for action in way.actions)
    return within and all(_allowed(documents, action, way) for action in way.actions)


def _allowed(documents: Sequence[Document], action: str, way: Way) -> bool:
    if is_denied(documents, action):
        return False
    kinds = _KINDS.get(action.split(":", 1)[0], ())
    return any(
        statement.allows
        and covers_action(statement, action)
        and covers_whole_type(statement, kinds)
        and _reachable(statement, action, way)
        for document in documents
        for statement in document.statements
    )


def _reachable(statement: Statement, action: str, way: Way) -> bool:
    """Whether the holder can meet the statement's conditions on this way."""
    others = [condition for condition in statement.conditions if condition.key != "iam:passedtoservice"]
    if not is_weak(others):
        return False
    services = [c.values for c in statement.conditions if c.key == "iam:passedtoservice"]
    if action != _PASS or not services:
        return not services or action == _PASS
    return all(any(matches(value, way.passes_to) for value in values) for values in services)
