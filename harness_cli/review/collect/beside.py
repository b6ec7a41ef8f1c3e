"""The code beside changed code: it gives the values behind variables, and says what the modules make that are called.

Modules that are called by changed code are read, and those that they call in turn; what a bound leaves out is unread.
"""

import posixpath
from collections.abc import Mapping
from typing import Any, Final

from harness_cli.core.reasons import Reason
from harness_cli.core.untrusted import Untrusted
from harness_cli.review.collect.asks import Asks
from harness_cli.review.collect.contents import MOST_FOLDERS, TERRAFORM, TOP, Contents, called_folders, content_text
from harness_cli.review.evidence import Fact, Known, Unread

MOST_BESIDE: Final = 30  # files of one round
_ROUNDS: Final = 2  # modules of modules of modules
_BEYOND: Final = Unread(Reason.TRUNCATED, "more code lies beside the change than one review reads")


def listing(folder: str, commit: str) -> tuple[str, dict[str, Any]]:  # Any: parameters, JSON
    """The call that lists a folder; GitHub has an address of its own for the top one."""
    return ("GetTopFolder", {"ref": commit}) if folder == TOP else ("GetContent", {"path": folder, "ref": commit})


def code_beside(asks: Asks, folders: Mapping[str, Fact[Any]], known: Contents, head: str) -> Contents:
    """The Terraform code of listed folders that was not read yet, and of the modules that it leads to."""
    found = _of_folders(asks, folders, known, head)
    listed, modules = {*folders}, called_folders(known)
    for _ in range(_ROUNDS):
        inside = {place: fact for place, fact in found.items() if posixpath.dirname(place[0]) in modules}
        modules = called_folders(inside)
        new = [folder for folder in modules if folder not in listed][:MOST_FOLDERS]
        if not new:
            break
        listed |= {*new}
        lists = asks.together(*(listing(folder, head) for folder in new))
        found |= _of_folders(asks, dict(zip(new, lists, strict=True)), {**known, **found}, head)
    return found


def _of_folders(
    asks: Asks, folders: Mapping[str, Fact[Any]], known: Contents, head: str
) -> dict[tuple[str, str], Fact[Untrusted | None]]:
    paths = [path for path in _code_in(folders) if (path, "head") not in known]
    wanted, beyond = paths[:MOST_BESIDE], paths[MOST_BESIDE:]
    facts = asks.together(*(("GetContent", {"path": path, "ref": head}) for path in wanted))
    read = {(path, "head"): content_text(fact) for path, fact in zip(wanted, facts, strict=True)}
    return {**read, **{(path, "head"): _BEYOND for path in beyond}}


def _code_in(folders: Mapping[str, Fact[Any]]) -> tuple[str, ...]:
    found = [
        posixpath.join(folder, name)
        for folder, fact in folders.items()
        if isinstance(fact, Known)
        for name in (entry["name"] for entry in fact.value.get("entries", ()))
        if name.endswith(TERRAFORM) and "/" not in name
    ]
    return tuple(dict.fromkeys(found))
