"""References that people type or paste: tickets and pull requests, in their short form or as browser addresses."""

import re
from typing import Final
from urllib.parse import urlsplit

from harness_cli.core.errors import UsageError
from harness_cli.review.facts import PullRef

_KEY: Final = re.compile(r"[A-Z][A-Z0-9_]{1,63}-[1-9][0-9]{0,9}", re.ASCII)
_OWNER: Final = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,37}[A-Za-z0-9])?"
_NAME: Final = r"(?!\.{1,2}(?:[/#]|\Z))[A-Za-z0-9._-]{1,100}"
_SHORT: Final = re.compile(rf"({_OWNER}/{_NAME})#([1-9][0-9]{{0,8}})", re.ASCII)
_PATH: Final = re.compile(rf"/({_OWNER}/{_NAME})/pull/([1-9][0-9]{{0,8}})(?:/[a-z-]*)?/?", re.ASCII)
_BROWSE: Final = re.compile(r"(?:/[A-Za-z0-9._-]+)*/browse/([^/]+)/?", re.ASCII)


def parse_ticket(text: str) -> str:
    """The key in `SEC-12` or `https://site/browse/SEC-12`. Raises UsageError."""
    if _KEY.fullmatch(text):
        return text
    found = _BROWSE.fullmatch(urlsplit(text).path) if text.startswith(("https://", "http://")) else None
    if found is None or not _KEY.fullmatch(found[1]):
        raise UsageError(f"not a ticket: {text!a:.80}", help="write SEC-12 or paste the issue's address")
    return found[1]


def parse_pull(text: str) -> PullRef:
    """The pull request in `OWNER/REPO#N` or in its browser address. Raises UsageError."""
    found = _SHORT.fullmatch(text)
    if found is None and text.startswith(("https://", "http://")):
        found = _PATH.fullmatch(urlsplit(text).path)
    if found is None:
        raise UsageError(
            f"not a pull request: {text!a:.80}", help="write OWNER/REPO#N or paste the pull request's address"
        )
    return PullRef(found[1].lower(), int(found[2]))
