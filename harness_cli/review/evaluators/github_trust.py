"""Which jobs of a GitHub repository does a role's trust let in? (X-15)

The contract:
1. of a token those claims are known that the repository and the place of its job tell; a condition on anything else
   stays open, and is met by an Allow, not by a Deny;
2. a Deny refuses a token where each of its conditions surely holds, for the provider of the Allow or for everybody;
3. a repository may be named by its number alone; where nobody told the number, the answer is open;
4. letters count in either case: GitHub knows a repository in any.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

from harness_cli.review.aws_facts.documents import Condition, Document, Grantee, Statement
from harness_cli.review.evaluators.iam_document import covers_action, matches

ISSUER: Final = "token.actions.githubusercontent.com"
_ASSUME: Final = "sts:assumerolewithwebidentity"
_NOBODYS: Final = "a-name-that-nobody-protects"
_READ: Final = frozenset({"sub", "repository", "repository_id", "ref", "environment"})  # by STS, of what a name tells


@dataclass(frozen=True, slots=True)
class _Begins:
    """A claim of which only the beginning is known."""

    text: str


_Token: TypeAlias = Mapping[str, "str | _Begins | None"]  # claim -> value; None: the token lacks it; left out: open


@dataclass(frozen=True, slots=True)
class Repository:
    """A repository as tokens name it; `number` None where nobody told it."""

    name: str
    number: int | None = None

    @property
    def claims(self) -> dict[str, str | _Begins | None]:
        """What every token of the repository says."""
        told = {} if self.number is None else {"repository_id": str(self.number)}
        return {"repository": self.name, "sub": _Begins(f"repo:{self.name}:"), **told}


def trusts(trust: Document, repository: Repository) -> bool | None:
    """Whether some job of the repository may get in; None where it depends on the repository's number."""
    entering = [statement for statement in _allows(trust) if _enters(trust, statement, repository.claims)]
    if not entering:
        return False
    return None if all(_is_by_number(trust, statement, repository) for statement in entering) else True


def unguarded_places(trust: Document, repository: Repository) -> tuple[str, ...]:
    """From where anybody who may push to the repository gets in: any branch, pull request or environment."""
    return tuple(
        place
        for place, token in _unguarded(repository).items()
        if any(_enters(trust, statement, token) for statement in _allows(trust))
    )


def _unguarded(repository: Repository) -> Mapping[str, _Token]:
    head, branch = f"repo:{repository.name}", f"refs/heads/{_NOBODYS}"
    said = {**repository.claims, "ref": branch, "environment": None}
    return {
        "any branch": {**said, "sub": f"{head}:ref:{branch}"},
        "any pull request": {**said, "sub": f"{head}:pull_request", "ref": "refs/pull/1/merge"},
        "any environment": {**said, "sub": f"{head}:environment:{_NOBODYS}", "environment": _NOBODYS},
    }


def _allows(trust: Document) -> list[Statement]:
    return [one for one in trust.statements if one.allows and covers_action(one, _ASSUME) and _providers(one)]


def _providers(statement: Statement) -> list[Grantee]:
    return [grantee for grantee in statement.principals if ISSUER in grantee.value]


def _enters(trust: Document, allow: Statement, token: _Token) -> bool:
    if any(_holds(condition, token) is False for condition in allow.conditions):
        return False
    return not any(_refuses(deny, allow, token) for deny in trust.statements if not deny.allows)


def _refuses(deny: Statement, allow: Statement, token: _Token) -> bool:
    everybody = any(grantee.kind == "AWS" and grantee.value == "*" for grantee in deny.principals)
    speaks = everybody or set(_providers(allow)) <= set(deny.principals)
    return speaks and covers_action(deny, _ASSUME) and all(_holds(c, token) is True for c in deny.conditions)


def _is_by_number(trust: Document, allow: Statement, repository: Repository) -> bool:
    """Whether a number that nobody told decides: as far as names go, a stranger's repository would get in as well."""
    stranger = Repository(f"{_NOBODYS}/{_NOBODYS}")
    denies = (one for one in trust.statements if not one.allows)
    asked = any(c.key == f"{ISSUER}:repository_id" for one in (allow, *denies) for c in one.conditions)
    return repository.number is None and asked and _enters(trust, allow, stranger.claims)


# --- one condition ----------------------------------------------------------------------------------


def _holds(condition: Condition, token: _Token) -> bool | None:
    """Whether a condition holds for a token; None where that is open."""
    issuer, _, claim = condition.key.rpartition(":")
    if issuer != ISSUER or claim not in _READ or claim not in token:
        return None
    value, operator = token[claim], condition.operator.lower()
    if operator == "null":
        return all((value is None) == (said.lower() == "true") for said in condition.values)
    quantifier, _, bare = operator.removesuffix("ifexists").rpartition(":")
    kind = bare.replace("not", "", 1)
    if kind not in _FITS:
        return None
    if value is None:
        absent_holds = operator.endswith("ifexists") or kind != bare
        return absent_holds if not quantifier else None
    fits = _any_fits(_FITS[kind], [one.lower() for one in condition.values], value)
    return fits if kind == bare or fits is None else not fits


_FITS: Final[Mapping[str, Callable[[str, str], bool]]] = {
    "stringequals": str.__eq__,
    "stringequalsignorecase": str.__eq__,
    "stringlike": matches,
}


def _any_fits(fits: Callable[[str, str], bool], values: list[str], claim: str | _Begins) -> bool | None:
    if isinstance(claim, str):
        return any(fits(value, claim) for value in values)
    if fits is not matches:
        return None if any(value.startswith(claim.text) for value in values) else False
    if any(value.endswith("*") and matches(value, claim.text) for value in values):
        return True
    reaching = (matches(value[:end], claim.text) for value in values for end in range(len(value) + 1))
    return None if any(reaching) else False
