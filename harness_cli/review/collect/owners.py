"""CODEOWNERS at the base commit, and the teams among the owners of what changed."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from harness_cli.core.untrusted import Untrusted
from harness_cli.review.checks.code_owners import parse_code_owners
from harness_cli.review.collect.contents import content_text
from harness_cli.review.evidence import Evidence, Fact, Known, Unread
from harness_cli.review.facts import ChangedFile

CODEOWNERS_PATHS: Final = (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS")  # in GitHub's order
MOST_TEAMS: Final = 20
_TEAM: Final = re.compile(r"@([A-Za-z0-9-]{1,39})/([A-Za-z0-9_][A-Za-z0-9._-]{0,99})", re.ASCII)


def first_codeowners(places: Sequence[Fact[Any]]) -> Fact[Untrusted | None]:  # Any: declared results of GetContent
    """The file that GitHub would use: the first there is; unread where an earlier place could not be read."""
    evidence: tuple[Evidence, ...] = ()
    for place in places:
        fact = content_text(place)
        if isinstance(fact, Unread):
            return fact
        evidence += fact.evidence
        if fact.value is not None:
            return Known(fact.value, evidence)
    return Known(None, evidence)


def owner_teams(
    codeowners: Fact[Untrusted | None], files: Fact[tuple[ChangedFile, ...]], repo: str
) -> Mapping[str, str]:
    """The teams that own something changed: owner as written, folded -> the team's slug.

    Only teams of the repository's own organisation: GitHub takes no others, and asking for one would leave the scope.
    """
    if isinstance(codeowners, Unread) or isinstance(files, Unread) or codeowners.value is None:
        return {}
    rules = parse_code_owners(codeowners.value.for_parser())
    paths = {path for file in files.value for path in (file.path, file.previous_path) if path}
    owners = sorted({owner for path in paths for owner in rules.owners_of(path)})
    teams = {owner.casefold(): found for owner in owners if (found := _TEAM.fullmatch(owner))}
    organisation = repo.split("/", 1)[0]
    own = {owner: found[2] for owner, found in teams.items() if found[1].casefold() == organisation.casefold()}
    return dict(list(own.items())[:MOST_TEAMS])
