"""Is a file that moves without a changed line the same as before? A folder's list names the objects behind its files.

GitHub counts no lines in files that are no text, so that a new binary under a new name looks like a pure move.
"""

import posixpath
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from harness_cli.core.reasons import Reason
from harness_cli.review.evidence import Fact, Known, Unread
from harness_cli.review.facts import ChangedFile

MOST_FOLDERS: Final = 10

Files = Fact[tuple[ChangedFile, ...]]


def left_folders(files: Files) -> tuple[str, ...]:
    """The folders to list at the base commit: those that files leave without a changed line."""
    listed = files.value if isinstance(files, Known) else ()
    folders = (posixpath.dirname(file.previous_path) for file in listed if file.moves_unchanged)
    return tuple(dict.fromkeys(folders))[:MOST_FOLDERS]


def with_moves(files: Files, folders: Mapping[str, Fact[Any]]) -> Files:  # Any: the declared result of GetContent
    """The files, and of each that moves whether its content is the same."""
    if isinstance(files, Unread):
        return files
    compared = (replace(file, kept=_kept(file, folders)) if file.moves_unchanged else file for file in files.value)
    return replace(files, value=tuple(compared))


def _kept(file: ChangedFile, folders: Mapping[str, Fact[Any]]) -> Fact[bool]:  # Any: as above
    folder, name = posixpath.split(file.previous_path)
    listing = folders.get(folder)
    if listing is None:
        return Unread(Reason.TRUNCATED, "files move out of more folders than one review lists")
    if isinstance(listing, Unread):
        return listing
    before = next((entry.get("sha") for entry in listing.value.get("entries", ()) if entry["name"] == name), None)
    if not before or not file.blob:
        return Unread(Reason.UNSUPPORTED_API, "GitHub does not name the content of a moved file", listing.evidence)
    return Known(before == file.blob, listing.evidence)
