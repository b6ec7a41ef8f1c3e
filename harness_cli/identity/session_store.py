"""Logins, kept by profile and issuer: 0600 files in the user's state folder, never in the project."""

import hashlib
import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from harness_cli.core.errors import IdentityError, UsageError
from harness_cli.core.secret import Secret
from harness_cli.files import read_private, write_private
from harness_cli.identity.device import Tokens

_PROFILE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", re.ASCII)
_LIMIT = 64 * 1024


def state_folder(environ: Mapping[str, str]) -> Path:
    """`$XDG_STATE_HOME/harness`, by default `~/.local/state/harness`."""
    base = environ.get("XDG_STATE_HOME", "")
    return (Path(base) if base.startswith("/") else Path.home() / ".local" / "state") / "harness"


@dataclass(frozen=True, slots=True)
class SessionStore:
    """The logins of one person's machine."""

    folder: Path

    def load(self, profile: str, issuer: str) -> Tokens | None:
        """The tokens of a login; None where there is none. Raises IdentityError (unreadable)."""
        path = self._path(profile, issuer)
        try:
            document = json.loads(read_private(path, _LIMIT))
            refresh = document["refresh_token"]
            return Tokens(Secret(document["id_token"]), Secret(refresh) if refresh else None)
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, TypeError) as err:
            raise IdentityError(
                f"the stored login of profile {profile} cannot be read",
                code="C019",
                help="log in again with `harness login`",
            ) from err

    def save(self, profile: str, issuer: str, tokens: Tokens) -> None:
        """Keep a login."""
        refresh = tokens.refresh_token.reveal() if tokens.refresh_token else ""
        document = {"id_token": tokens.id_token.reveal(), "refresh_token": refresh}
        write_private(self._path(profile, issuer), json.dumps(document).encode())

    def forget(self, profile: str, issuer: str) -> bool:
        """Drop a login; False where there was none."""
        try:
            os.unlink(self._path(profile, issuer))  # noqa: PTH108 - the path is ours, not the caller's
        except FileNotFoundError:
            return False
        return True

    def _path(self, profile: str, issuer: str) -> Path:
        if not _PROFILE.fullmatch(profile):
            raise UsageError(f"not a profile name: {profile!r}", help="letters, digits, dot, underscore and hyphen")
        name = hashlib.sha256(issuer.encode()).hexdigest()[:16]
        return self.folder / "sessions" / profile / f"{name}.json"
