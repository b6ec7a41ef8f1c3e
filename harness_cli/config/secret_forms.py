"""The forms that literal credentials have. Short and precise: a hit is an error that nobody can suppress."""

import math
import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import lru_cache
from typing import Final

from harness_cli.core.diagnostic import Diagnostic

FORMS: Final = (
    ("an AWS access key", re.compile(r"\b(?:AKIA|ASIA|AROA|AIDA)[A-Z2-7]{16}\b", re.ASCII)),
    ("a GitHub token", re.compile(r"\b(?:gh[pousr]_[A-Za-z0-9]{20,255}|github_pat_[A-Za-z0-9_]{20,255})", re.ASCII)),
    ("a GitLab token", re.compile(r"\bglpat-[A-Za-z0-9_-]{20,}", re.ASCII)),
    ("a Slack token", re.compile(r"\bxox[abeoprs]-[A-Za-z0-9-]{10,}|\bxapp-[0-9]-[A-Za-z0-9-]{10,}", re.ASCII)),
    ("a Slack webhook", re.compile(r"https://hooks\.slack\.com/(?:services|workflows)/[A-Za-z0-9/_-]{10,}", re.ASCII)),
    ("an Atlassian token", re.compile(r"\bAT(?:ATT|BB|CTT)[A-Za-z0-9_=-]{20,}", re.ASCII)),
    (
        "a JSON web token",
        re.compile(r"\beyJ[A-Za-z0-9_-]{10,200}\.eyJ[A-Za-z0-9_-]{10,4000}(?:\.[A-Za-z0-9_-]*)?", re.ASCII),
    ),
    ("a private key", re.compile(r"-----BEGIN [A-Z0-9 ]{0,30}PRIVATE KEY-----", re.ASCII)),
    ("a Google key", re.compile(r"\bAIza[A-Za-z0-9_-]{35}\b", re.ASCII)),
    ("a key of a service", re.compile(r"\b(?:sk|rk|pk)[-_](?:live|test|proj|ant)[-_][A-Za-z0-9_-]{16,}", re.ASCII)),
    ("a password in an address", re.compile(r"(?<=://)[^\s/:@\"']{1,64}:[^\s/@\"']{1,128}(?=@)", re.ASCII)),
    ("a bearer token", re.compile(r"(?i)(?<=bearer )[a-z0-9._~+/-]{16,}=*", re.ASCII)),
)
SECRET_KEY: Final = re.compile(
    r"(?i)(?:^|[_-])(?:password|passwd|passphrase|pwd|secret|token|api_?key|access_?key|private_?key|secret_?key"
    r")$",
    re.ASCII,
)
_NAMED = re.compile(
    r"(?i)(?:(?P<pass>password|passwd|passphrase|pwd)|secret|token|api[_-]?key|access[_-]?key)"
    r"[\"']?[ \t]*[:=][ \t]*[\"']?"
    r"(?P<value>[A-Za-z0-9+/=_.~!@#$%^&*-]{6,200})",
    re.ASCII,
)
_SHORTEST_SECRET, _LEAST_BITS = 8, 2.5
_MAY_HOLD_ONE = re.compile(r"[^\s`\"]{6}")


def literals(text: str) -> Iterator[tuple[int, int, str]]:
    """Start, end and kind of each literal credential in a text."""
    taken: list[tuple[int, int]] = []
    for kind, form in FORMS:
        for match in form.finditer(text):
            taken.append(match.span())
            yield *match.span(), kind
    taken.sort()
    for match in _NAMED.finditer(text):
        start, end = match.span("value")
        is_long = len(match["value"]) >= _SHORTEST_SECRET or match["pass"]  # passwords are short
        if is_long and looks_random(match["value"]) and not _is_taken(taken, start, end):
            yield start, end, "a secret"


@lru_cache(maxsize=1024)
def masked(text: str) -> str:
    """A text with every literal credential in it shown as asterisks."""
    if _MAY_HOLD_ONE.search(text) is None:
        return text
    for start, end, _ in literals(text):
        text = text[:start] + "*" * (end - start) + text[end:]
    return text


def without_secrets(diagnostics: Iterable[Diagnostic]) -> list[Diagnostic]:
    """The same findings, in whose words no literal credential stands: they go to logs and pull requests."""
    return [_without_secret(d) for d in diagnostics]


def _without_secret(diagnostic: Diagnostic) -> Diagnostic:
    message, advice, label = masked(diagnostic.message), masked(diagnostic.help), masked(diagnostic.label)
    if (message, advice, label) == (diagnostic.message, diagnostic.help, diagnostic.label):
        return diagnostic
    return replace(diagnostic, message=message, help=advice, label=label)


def _is_taken(taken: list[tuple[int, int]], start: int, end: int) -> bool:
    index = bisect_right(taken, (end, 0)) - 1
    return index >= 0 and taken[index][1] > start


def looks_random(text: str) -> bool:
    """Whether a text looks like a secret and not like a word, a name or a reference."""
    if not any(c.isdigit() for c in text) or not any(c.isalpha() for c in text):
        return False
    if re.fullmatch(r"[A-Z][A-Z0-9_]*|[a-z]+(?:[-_./][a-z0-9]+)+", text):  # NAME_OF_A_VARIABLE, name-of-a-thing-1
        return False
    counts = Counter(text)
    return -sum(n / len(text) * math.log2(n / len(text)) for n in counts.values()) >= _LEAST_BITS
