"""SCIM 2.0 (RFC 7644): is the person still here, and in which groups?"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from harness_cli.core.errors import IdentityError
from harness_cli.core.secret import Secret
from harness_cli.transport.exchange import Exchange

_FILTER_VALUE = re.compile(r'[^"\\\x00-\x1f\x7f]{1,256}')


@dataclass(frozen=True, slots=True)
class DirectoryUser:
    """What the directory says of one person now."""

    id: str
    user_name: str
    groups: tuple[str, ...]


class Directory:
    """Reads one SCIM service provider."""

    def __init__(self, exchange: Exchange, url: str, token: Secret) -> None:
        self._exchange = exchange
        self._url = url.rstrip("/")
        self._token = token

    def active_user(self, user_name: str) -> DirectoryUser:
        """The one active person of that userName, with groups.

        Raises: IdentityError (none, several, inactive, refused), ConnectorError (not reachable).
        """
        found = self._resources("Users", f'userName eq "{_quoted(user_name)}"')
        same = [user for user in found if str(user.get("userName", "")).casefold() == user_name.casefold()]
        if len(same) != 1:
            raise IdentityError(
                f"the directory has {len(same) or 'no'} entr{'ies' if len(same) > 1 else 'y'} for {user_name}",
                code="C016",
                help="exactly one SCIM user must have this userName",
            )
        if same[0].get("active") is not True:
            raise IdentityError(
                f"{user_name} is not active in the directory", code="C017", help="a leaver cannot run reviews"
            )
        identifier = str(same[0].get("id", ""))
        return DirectoryUser(identifier, user_name, self._groups_of(identifier))

    def _groups_of(self, identifier: str) -> tuple[str, ...]:
        # `groups` of the user is empty with most providers (RFC 7643 §4.1.2 leaves it open), so the groups are asked
        groups = self._resources("Groups", f'members.value eq "{_quoted(identifier)}"')
        names = {str(group.get("displayName", "")) for group in groups if _has_member(group, identifier)}
        return tuple(sorted(names - {""}))

    def _resources(self, kind: str, where: str) -> Sequence[Mapping[str, Any]]:
        headers = {"Authorization": f"Bearer {self._token.reveal()}", "Accept": "application/scim+json"}
        answer = self._exchange.get(f"{self._url}/{kind}", headers=headers, query={"filter": where})
        if answer.status != 200:
            raise IdentityError(
                f"the directory refused to list {kind} (status {answer.status})",
                code="C018",
                help="check `identity.scim.url` and its credential",
            )
        listed = answer.body.get("Resources", [])
        total = answer.body.get("totalResults", len(listed) if isinstance(listed, list) else -1)
        if not isinstance(listed, list) or total != len(listed):
            raise IdentityError(f"the directory's list of {kind} is not whole", code="C018")
        return [item for item in listed if isinstance(item, dict)]


def _has_member(group: Mapping[str, Any], identifier: str) -> bool:
    members = group.get("members")
    if members is None:  # some providers leave members out of filtered answers
        return True
    return isinstance(members, list) and any(isinstance(m, dict) and m.get("value") == identifier for m in members)


def _quoted(value: str) -> str:
    if not _FILTER_VALUE.fullmatch(value):
        raise IdentityError("a name holds characters that no SCIM filter may have", code="C016")
    return value
