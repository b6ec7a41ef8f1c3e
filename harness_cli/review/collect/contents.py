"""Which files of a pull request are read at base and head, and what came of it."""

import posixpath
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from harness_cli.core.reasons import Reason
from harness_cli.core.untrusted import Untrusted
from harness_cli.review.evidence import Fact, Known, Unread
from harness_cli.review.facts import ChangedFile
from harness_cli.review.iac.parse import is_infrastructure

Contents = Mapping[tuple[str, str], Fact[Untrusted | None]]  # (path, "head" or "base") -> text

MOST_READS: Final = 200  # contents of one pull request: a hundred files at two commits
MOST_FOLDERS: Final = 10
TOP: Final = ""  # the top folder of a repository
_LOCAL_SOURCE: Final = re.compile(r'\bsource\s{0,40}=\s{0,40}"(\.{1,2}/[\w./-]{0,200})"', re.ASCII)
TERRAFORM: Final = (".tf", ".tfvars", ".tfvars.json")


def is_read(path: str) -> bool:
    """Whether the text of a changed file is judged: infrastructure code, workflows, owners."""
    if path.startswith(".github/workflows/") and path.endswith((".yml", ".yaml")):
        return True
    return is_infrastructure(path) or posixpath.basename(path) == "CODEOWNERS"


def changed_contents(files: Fact[tuple[ChangedFile, ...]], *, head: str, base: str) -> Mapping[tuple[str, str], str]:
    """The (path, side) to read, with the commit; what lies beyond the bound stays unread and is said to be so."""
    if isinstance(files, Unread):
        return {}
    places = [place for file in files.value for place in _sides(file)]
    return {(path, side): head if side == "head" else base for path, side in places[:MOST_READS]}


def _sides(file: ChangedFile) -> Iterator[tuple[str, str]]:
    before = file.previous_path if file.status in {"renamed", "copied"} else file.path
    if file.status not in {"added", "copied"} and is_read(before or file.path):
        yield before or file.path, "base"
    if file.status != "removed" and is_read(file.path):
        yield file.path, "head"


def content_text(fact: Fact[Any]) -> Fact[Untrusted | None]:  # Any: the declared result of GetContent
    """The text of a file; None where it is not there; unread where it is no plain file."""
    if isinstance(fact, Unread):
        return fact
    if not fact.value["found"]:
        return Known(None, fact.evidence)
    if fact.value["kind"] != "file":
        return Unread(Reason.UNSUPPORTED_API, f"it is a {fact.value['kind']}, not a file", fact.evidence)
    return Known(fact.value["text"], fact.evidence)


def changed_folders(files: Fact[tuple[ChangedFile, ...]], known: Contents) -> tuple[str, ...]:
    """The folders of changed Terraform code, of local modules that it calls, and the top one.

    The top folder is where most repositories call their modules, and set accounts, regions and variables.
    """
    if isinstance(files, Unread) or not any(file.path.endswith(TERRAFORM) for file in files.value):
        return ()
    folders = (posixpath.dirname(f.path) for f in files.value if f.path.endswith(TERRAFORM) and f.status != "removed")
    return (*tuple(dict.fromkeys(filter(None, (*folders, *called_folders(known)))))[:MOST_FOLDERS], TOP)


def called_folders(known: Contents) -> tuple[str, ...]:
    """The folders of the local modules that code calls."""
    return tuple(dict.fromkeys(_local_modules(known)))


def _local_modules(known: Contents) -> Iterator[str]:
    for (path, _), fact in known.items():
        if not path.endswith(".tf") or not isinstance(fact, Known) or fact.value is None:
            continue
        for source in _LOCAL_SOURCE.findall(fact.value.for_parser()):
            folder = posixpath.normpath(posixpath.join(posixpath.dirname(path), source))
            if not folder.startswith(".") and "/." not in folder:
                yield folder
