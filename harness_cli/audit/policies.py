"""The effective policies that decisions cite, kept beside the trails: one file each, named by the SHA-256 that a trail
records. A file is checked by its name whenever it is read, and never replaced.
"""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from harness_cli.audit.disk import ensure_own_folders, read_whole, replace_whole
from harness_cli.core.canonical import Json, canonical, sha256_hex
from harness_cli.core.errors import AuditError
from harness_cli.files import sync_folder
from harness_cli.policy.operations import Catalogue
from harness_cli.policy.recorded import NotAgainError, recorded_policy
from harness_cli.policy.tables import Policy

POLICIES = "policies"
_NAME = re.compile(r"([0-9a-f]{64})\.json", re.ASCII)


class PolicyUnreadableError(Exception):
    """A cited policy cannot be had; the message says whether it is missing or altered."""


def place_of_policy(sha256: str) -> str:
    """The path of a policy below its audit folder."""
    return f"{POLICIES}/{sha256}.json"


def keep_policy(folder: Path, document: Mapping[str, Json]) -> str:
    """Have the policy on the disk before anything cites it; its SHA-256. Raises OSError, AuditError (altered)."""
    content = canonical(document)
    sha256 = sha256_hex(content)
    path = ensure_own_folders(folder, POLICIES) / f"{sha256}.json"
    try:
        known = read_whole(path)
    except FileNotFoundError:
        replace_whole(path, content, durable=True)
        return sha256
    if known != content:
        raise AuditError(
            "the kept policy is not the one that its name says: it was altered",
            code="T017",
            place=str(path),
            help="`harness audit verify` names what else differs; move the file away once it has been looked at",
        )
    sync_folder(path.parent)  # whoever wrote it may have been killed between the name and its flush
    return sha256


def read_policy(folder: Path, sha256: str) -> Mapping[str, Any]:
    """The policy that a trail cites. Raises PolicyUnreadableError, PermissionError."""
    place = place_of_policy(sha256)
    if not _NAME.fullmatch(f"{sha256}.json"):
        raise PolicyUnreadableError("the line cites no policy")
    try:
        content = read_whole(folder / place)
    except FileNotFoundError as err:
        raise PolicyUnreadableError(f"{place} is missing") from err
    except PermissionError:
        raise  # nobody altered anything: the reader may not read it
    except OSError as err:
        raise PolicyUnreadableError(f"{place} cannot be read ({err.strerror or err})") from err
    if sha256_hex(content) != sha256:
        raise PolicyUnreadableError(f"{place} was altered: its SHA-256 is another one")
    try:
        document = json.loads(content)
    except (ValueError, RecursionError) as err:
        raise PolicyUnreadableError(f"{place} is no policy") from err
    if not isinstance(document, dict):
        raise PolicyUnreadableError(f"{place} is no policy")
    return document


def decides_again(folder: Path, sha256: str, operations: Catalogue) -> Policy:
    """The policy that a trail cites, ready to decide. Raises PolicyUnreadableError."""
    try:
        return recorded_policy(read_policy(folder, sha256), operations)
    except PermissionError as err:
        raise PolicyUnreadableError(f"you may not read {place_of_policy(sha256)}") from err
    except NotAgainError as err:
        raise PolicyUnreadableError(str(err)) from err


def altered_policies(folder: Path) -> Iterator[tuple[str, str]]:
    """Place and reason for each kept policy that is not what its name says."""
    parent = folder / POLICIES
    if parent.is_symlink():
        yield POLICIES, "a link stands where a folder belongs"
        return
    try:
        names = sorted(path.name for path in parent.iterdir())
    except OSError:
        return  # none kept, or not readable: whoever cites one says so
    for name in names:
        if name.startswith("."):
            continue  # what a killed writer left before the name was given
        found = _NAME.fullmatch(name)
        try:
            if found is None or sha256_hex(read_whole(parent / name)) != found[1]:
                yield f"{POLICIES}/{name}", "it is not the policy that its name says"
        except OSError as err:
            yield f"{POLICIES}/{name}", f"it cannot be read ({err.strerror or err})"
