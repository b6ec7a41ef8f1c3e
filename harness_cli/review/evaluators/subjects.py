"""How wide is a pattern of an OIDC token's subject? Each issuer has a grammar of its own (IAM-10)."""

import re
from typing import Final

_NAME: Final = r"[^:/*?]+"
_SHARED: Final = (  # one issuer serves every customer: `sub` alone tells them apart
    "token.actions.githubusercontent.com",
    "gitlab.com",
    "app.terraform.io",
    "oidc.circleci.com",
    "agent.buildkite.com",
    "vstoken.dev.azure.com",
    "oidc.vercel.com",
    "api.bitbucket.org",
)
# By the subject's first word, what names one repository, project or namespace to its end.
_ONE_PROJECT: Final = {
    "repo:": rf"repo:{_NAME}/{_NAME}:.+",
    "repository:": rf"repository:{_NAME}/{_NAME}:.+",
    "repository_id:": rf"repository_id:{_NAME}:.+",
    "project_path:": rf"project_path:(?:{_NAME}/)+{_NAME}:.+",
    "organization:": rf"organization:{_NAME}:(?:(?:project|pipeline):{_NAME}:.+|project:[^:]+:workspace:{_NAME}:.+)",
    "org/": rf"org/{_NAME}/project/{_NAME}/.+",
    "owner:": rf"owner:{_NAME}:project:{_NAME}:.+",
    "p://": rf"p://{_NAME}/{_NAME}/.+",
    "sc://": rf"sc://{_NAME}/{_NAME}/.+",
    "{": r"\{[^{}*?]+\}.+",
    "system:serviceaccount:": rf"system:serviceaccount:{_NAME}:.+",
}


def is_wide_subject(issuer: str, pattern: str) -> bool:
    """Whether a pattern of `sub` lets in more than one repository, project or namespace."""
    if "*" not in pattern and "?" not in pattern:
        return False
    for first, narrow in _ONE_PROJECT.items():
        if pattern.startswith(first):
            return re.fullmatch(narrow, pattern, re.DOTALL) is None
    head = re.split(r"[*?]", pattern, maxsplit=1)[0]
    if any(first.startswith(head) for first in _ONE_PROJECT) or _is_shared(issuer):
        return True
    return not head.strip(":/|")


def _is_shared(issuer: str) -> bool:
    return any(issuer == one or issuer.startswith(f"{one}/") for one in _SHARED)
