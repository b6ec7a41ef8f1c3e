"""What is kept of a free text: counts, kinds and rule ids; never its words."""

import re
from typing import Final

from harness_cli.core.untrusted import Untrusted
from harness_cli.guard.redact import secret_hits
from harness_cli.guard.signals import injection_signals
from harness_cli.review.facts import TextFact

_WORD: Final = re.compile(r"\w+(?:['\u2019.-]\w+)*")
_RESTORE: Final = re.compile(
    r"\b(?:restor\w*|snapshots?|back-?ups?|point[- ]in[- ]time|pitr|previous version|replicas?)\b", re.IGNORECASE
)
_REVERT: Final = re.compile(
    r"\b(?:revert\w*|roll(?:ed|ing)?[- ]?back|undo\w*|re-?apply\w*|apply again)\b", re.IGNORECASE
)
_REGION: Final = re.compile(r"(?<![\w-])(?:us|eu|ap|sa|ca|me|af|il|mx|cn)-(?:gov-)?[a-z]{4,9}-[1-9](?![\w-])", re.ASCII)
_ACCOUNT: Final = re.compile(r"(?<![\w-])[0-9]{12}(?![\w-])", re.ASCII)
_PLACEHOLDERS: Final = frozenset(
    [
        "-",
        "as usual",
        "git revert",
        "later",
        "n a",
        "na",
        "nil",
        "no",
        "none",
        "none needed",
        "not applicable",
        "not needed",
        "not required",
        "pending",
        "placeholder",
        "revert",
        "revert it",
        "revert pr",
        "revert the change",
        "revert the pr",
        "revert the pull request",
        "revert this pr",
        "roll back",
        "rollback",
        "same as above",
        "see above",
        "see pr",
        "see ticket",
        "standard",
        "standard rollback",
        "tba",
        "tbc",
        "tbd",
        "to be decided",
        "to be defined",
        "to be determined",
        "todo",
        "unknown",
        "x",
        "xxx",
        "yes",
    ]
)


def text_fact(text: Untrusted | None) -> TextFact:
    """A text reduced to facts; an absent one has no words."""
    if text is None:
        return TextFact(0)
    raw = text.for_parser()
    words = _WORD.findall(raw)
    return TextFact(
        words=len(words),
        is_placeholder=is_placeholder(raw),
        mentions_restore=_RESTORE.search(raw) is not None,
        only_reverts=_RESTORE.search(raw) is None and _REVERT.search(raw) is not None,
        secret_kinds=tuple(sorted({hit.kind for hit in secret_hits(text)})),
        signals=injection_signals(text),
    )


def is_placeholder(raw: str) -> bool:
    """Whether a text stands where one was due, and says nothing."""
    folded = " ".join(re.sub(r"[\W_]+", " ", raw.casefold()).split())
    return bool(raw.strip()) and (not folded or folded in _PLACEHOLDERS)


def regions(*texts: Untrusted | None) -> tuple[str, ...]:
    """The AWS regions that texts name, each once, in order."""
    found = (region for text in texts if text for region in _REGION.findall(text.for_parser()))
    return tuple(dict.fromkeys(found))


def account_ids(*texts: Untrusted | None) -> tuple[str, ...]:
    """The 12-digit ids that texts name, each once, in order."""
    found = (number for text in texts if text for number in _ACCOUNT.findall(text.for_parser()))
    return tuple(dict.fromkeys(found))
