"""Secrets without a shape: a text that looks drawn at random, where the words before it speak of a secret.

Randomness alone says little in infrastructure text (hashes, versions and ids are random too), so the less a text
looks random, the closer the word must stand: assigned to a name, near a word, or nothing at all.
"""

import re
from collections.abc import Iterator
from enum import IntEnum
from typing import Final

from harness_cli.guard.shapes import Span, lowered, one_of, words

WINDOW: Final = 72
HARMLESS_WINDOW: Final = 56
JUDGED: Final = 80  # characters of a value that are looked at
_CANDIDATE: Final = re.compile(r"(?<![A-Za-z0-9+/_~@$!%^&*#?-])[A-Za-z0-9+/_~@$!%^&*#?-]{10,}+", re.ASCII)
_DIGIT: Final = re.compile(r"[0-9]")
_HEX: Final = re.compile(r"[0-9a-f]{16,}|[0-9A-F]{16,}|[0-9a-fA-F]{20,}", re.ASCII)
_UUID: Final = re.compile(r"[0-9a-zA-Z]{8}(?:-[0-9a-zA-Z]{4}){3}-[0-9a-zA-Z]{12}", re.ASCII)
_CHANGE: Final = re.compile(r"(?=[a-z][A-Z0-9]|[A-Z][0-9]|[0-9][A-Za-z]|[A-Z]{2}[a-z])", re.ASCII)
_HUMP: Final = re.compile(r"[A-Z]+[a-z]*|[a-z]+", re.ASCII)
_DIGIT_INSIDE: Final = re.compile(r"[0-9][a-z]", re.ASCII)
_ENCODED: Final = re.compile(r"%(?:2[0-9A-F]|3[A-F]|5[B-F]|7[B-F])", re.ASCII)
_VOWEL: Final = re.compile(r"[aeiouAEIOU]")
_RUN: Final = re.compile(r"[a-z]{12,}|[A-Z]{12,}|[0-9]{8,}|(?<![a-z])[b-df-hj-np-tv-xz]{5}", re.ASCII)
_LETTERS: Final = re.compile(r"[a-z]{20,}|[A-Z]{20,}|[a-f]{16,}", re.ASCII)
_RESOURCE: Final = re.compile(
    r"[a-z]{1,12}(?:-[a-z]{1,10}){0,2}-(?:[0-9a-f]{8}|[0-9a-f]{17})", re.ASCII
)  # ami-0a1b2c3d
_TAIL: Final = re.compile(r"(?:[.:=][A-Za-z0-9+/_~%-]{4,}+)*={0,2}", re.ASCII)

# services whose keys have no shape of their own: their name beside a random text is what gives it away
SERVICES: Final = words(
    "algolia airbrake alibaba amplitude artifactory asana beamer blazemeter runscope cloudflare cloudsmith codecov"
    " coveralls contentful datadog discord dropbox etherscan everhour fastforex fastly finnhub freshbooks freshdesk"
    " gitter heroku honeycomb hubspot intercom jenkins klaviyo launchdarkly linkedin logzio looker lokalise mailjet"
    " mattermost messagebird mixpanel netlify nicereply noticeable nozbe okta opsgenie pagerduty parseur pendo pepipost"
    " plaid pusher refiner rollbar salesforce segment sentry shodan signalfx smartsheets snyk sonar splunk spotify"
    " squarespace statuspage sumologic surveybot travis trello twitch twitter typeform virustotal wandb zendesk zapier"
    " zoho findl raven"
)
WORDS: Final = words(
    "token secret passw passphrase pwd private api access auth cred key bearer login license licence signature webhook"
    " cookie session client salt psk dsn unseal"
)
# all of these read small letters only
_WORD: Final = rf"(?:{one_of(WORDS)}|pass\b|[_-]sid\b|\bpat\b|seed\b)"
_NEAR: Final = re.compile(_WORD, re.ASCII)
_INNER: Final = re.compile(rf"{_WORD}|\A{one_of(SERVICES)}[-_]", re.ASCII)
_SERVICE: Final = re.compile(rf"(?<![a-z0-9]){one_of(SERVICES)}(?![a-z.])[^\n/]{{0,24}}\Z", re.ASCII)
_ASSIGNED: Final = re.compile(
    _WORD + r"[\w .\-\[\]\"'`)\\]{0,40}+(?:[=:>,(|?+!~]{1,4}|(?<= value)=|(?<= is))\s{0,8}[\"'`<(\s\\]{0,4}\Z", re.ASCII
)
_HARMLESS: Final = re.compile(  # what stands right before a hash, a version or an id
    r"(?:\bsha-?\d{1,3}|md5|digest|checksum|commit|etag|fingerprint|integrity|public[\w-]{0,10}|\bh1|\bzh|revision"
    r"|version[_-]?id|key[_-]?id|kms[\w-]{0,12}|uuid|guid|thumbprint(?:_?list|s)?|next_?token|arn:[\w:/-]{0,60}|key/"
    r"|alias/|ssh-(?:rsa|dss|ed25519)|ecdsa-[\w-]{1,30}|request[_-]?id|trace[_-]?id|span[_-]?id|\bsha)[\"'\]\s]{0,4}[:=\-/]{0,2}\s{0,4}[\"'`\[]{0,2}\Z",
    re.ASCII,
)


class Closeness(IntEnum):
    """How near to a text a word stands that speaks of a secret."""

    NEAR = 1
    ASSIGNED = 2


def context_spans(text: str) -> Iterator[Span]:
    """Start, end and kind of each text that looks random enough for where it stands."""
    small = lowered(text)
    for found in _CANDIDATE.finditer(text):
        value = found[0]
        if not _DIGIT.search(value) and not is_shuffled(value):
            continue
        start = found.start() + _secret_offset(small, found.start(), value)
        if start < found.end():
            yield start, _end(text, found.end()), "secret"


def _secret_offset(small: str, start: int, value: str) -> int:
    """Where in a candidate the secret begins; its length where there is none."""
    begin = max(0, start - WINDOW)
    inner = _last(_INNER.finditer(small, start, start + len(value)))
    if inner is not None:  # acme-SECRET-0a1b2c: the word and the value are one run
        rest = value[inner.end() - start :].lstrip("-_=")
        offset = len(value) - len(rest)
        if looks_random(rest, Closeness.ASSIGNED if len(rest) >= 18 else Closeness.NEAR) and not _HARMLESS.search(
            small, max(begin, start + offset - HARMLESS_WINDOW), start + offset
        ):
            return offset
    if not _is_random_here(small, begin, start, value) or _HARMLESS.search(
        small, max(begin, start - HARMLESS_WINDOW), start
    ):
        return len(value)
    return _in_path(value) if value.count("/") >= 2 else 0


def _is_random_here(small: str, begin: int, start: int, value: str) -> bool:
    if _RESOURCE.fullmatch(value):
        return False
    line = max(begin, small.rfind("\n", begin, start) + 1)
    if looks_random(value, Closeness.NEAR):
        if _NEAR.search(small, line, start) or is_strong(value) or _SERVICE.search(small, line, start):
            return True
    elif not looks_random(value, Closeness.ASSIGNED):
        return False
    return _ASSIGNED.search(small, begin, start) is not None


def _in_path(value: str) -> int:
    """Where the first random part of a path begins."""
    offset = 0
    for part in value.split("/"):
        if len(part) >= 18 and looks_random(part, Closeness.NEAR):
            return offset
        offset += len(part) + 1
    return 0 if is_strong(value) else len(value)


def _last(matches: Iterator[re.Match[str]]) -> re.Match[str] | None:
    found = None
    for match in matches:
        found = match
    return found


def looks_random(value: str, closeness: Closeness) -> bool:
    """Whether a value looks drawn at random, judged more gently the closer the word for it stands."""
    value = value[:JUDGED]
    if len(value) < 10 or _ENCODED.search(value):
        return False
    if _UUID.fullmatch(value) or _HEX.fullmatch(value):
        return len(set(value)) >= 6
    if is_name(value):
        return False
    if _LETTERS.search(value) and len(set(value)) >= 6:
        return True
    changes = len(_CHANGE.findall(value))
    has_run = changes >= 1 and _RUN.search(value) is not None
    if closeness is Closeness.ASSIGNED:
        return changes >= 3 or has_run
    return len(value) >= 14 and (changes >= 4 or has_run)


def is_name(value: str) -> bool:
    """Whether a value reads as words: vowels as in words, humps as long as words, hardly a digit inside."""
    humps = _HUMP.findall(value)
    letters = sum(map(len, humps))
    if len(value) - letters > len(value) * 0.34 or letters < 2.7 * len(humps) or len(_DIGIT_INSIDE.findall(value)) > 1:
        return False
    return len(_VOWEL.findall(value)) * 4 > letters and len(_CHANGE.findall(value)) <= len(value) * 0.38


def is_shuffled(value: str) -> bool:
    """Whether letters alone change case as no name does."""
    return len(value) >= 16 and (len(_CHANGE.findall(value)) >= 5 or _LETTERS.search(value) is not None)


def is_strong(value: str) -> bool:
    """Whether a value is random beyond doubt: long, of all classes, changing class all the time."""
    if len(value) < 24 or "/" in value[:-20]:
        return False
    changes = len(_CHANGE.findall(value))
    return changes * 4 >= len(value) and len(set(value)) >= 14 and not is_name(value)


def _end(text: str, end: int) -> int:
    tail = _TAIL.match(text, end)
    return tail.end() if tail else end
