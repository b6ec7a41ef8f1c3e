"""Which of the texts that look like secrets are some: examples, placeholders and references to a store are none.

Redaction takes out more than this: there a word too many costs nothing, here it is a critical finding.
"""

import re
from collections.abc import Iterator
from itertools import chain
from typing import Final

from harness_cli.core.canonical import sha256_hex
from harness_cli.guard.redact import Hit, secret_hits
from harness_cli.guard.shapes import words

_GUESSED: Final = frozenset({"secret", "password", "password-url", "password-option", "authorization"})
_STAND_INS: Final = frozenset(
    words(
        "change changeme changeit replace replaceme with your my the me here insert enter example sample dummy"
        " placeholder fake todo tbd fixme test testing string value default none null redacted masked hidden password"
        " passwd pass pwd secret token key api user username foo bar baz enabled disabled required optional true false"
    )
)
_BETWEEN: Final = re.compile(r"[-_ .<>{}\[\]()*]+")
_CROSSES: Final = re.compile(r"[xX]+")
_EXAMPLE: Final = re.compile(r"EXAMPLE(?:KEY)?\Z")  # AWS's own documentation marks its keys so
_REFERENCE: Final = re.compile(r"!(?:Ref|GetAtt|ImportValue)\b|arn:aws[a-z-]*:|\{\{resolve:")
_NAMED_SO: Final = re.compile(  # the name says that a reference or a rule follows
    r"(?i)(?:ref|arn|policy|[_-]?name|[_-]login)[\"']?[ \t]*[:=][ \t]*[\"']?\Z"
    r"|\barn:aws[a-z-]*:[\w-]*:\Z"
)
_DEFAULT: Final = re.compile(
    r"\bvariable\s{1,8}\"[\w-]{0,60}(?:password|passwd|secret|token|api_?key|access_?key|private_?key)\"\s{0,8}\{"
    r"[^{}]{0,400}?\bdefault\s{0,40}=\s{0,8}\"([^\"\n]{8,200})\""
)
_GLUED: Final = re.compile(
    r"\bmysql(?:dump|admin)?\b[^\n|;]{0,120}?\s-p([^\s\"'$-][^\s\"'$]{5,80})(?!\S)"
)  # mysql -u x -pVALUE
_JDBC: Final = re.compile(r"\bjdbc:[^\s\"'?;]{4,200}[?;][^\s\"']{0,200}?\bpassword=([^\s&;\"'$<{]{6,80})")
_PREFIX: Final = 16  # hexadecimal digits of a digest, as in redaction
_BEFORE: Final = 120  # characters before a value in which its name is looked for


def real_secrets(text: str) -> tuple[Hit, ...]:
    """The secrets in a text of code, in order; stand-ins and references left out."""
    found = [hit for hit in secret_hits(text) if not _is_stand_in(text, hit)]
    taken = {(hit.start, hit.end) for hit in found}
    more = [
        hit
        for hit in (*_defaults(text), *_glued(text))
        if not any(start < hit.end and hit.start < end for start, end in taken)
    ]
    return tuple(sorted((*found, *more), key=lambda hit: hit.start))


def _defaults(text: str) -> Iterator[Hit]:
    """Values that a Terraform variable for a secret has by default."""
    for match in _DEFAULT.finditer(text):
        value = match[1]
        if not is_stand_in(value) and "${" not in value and not ("/" in value and not re.search(r"[0-9]", value)):
            yield _password(match)


def _glued(text: str) -> Iterator[Hit]:
    """Passwords right behind an option of MySQL, or in an address of JDBC."""
    for match in chain(_GLUED.finditer(text), _JDBC.finditer(text)):
        if not is_stand_in(match[1]):
            yield _password(match)


def _password(match: re.Match[str]) -> Hit:
    return Hit("password", match.start(1), match.end(1), sha256_hex(match[1].encode())[:_PREFIX])


def _is_stand_in(text: str, hit: Hit) -> bool:
    value = text[hit.start : hit.end].strip("\"'`")
    if _EXAMPLE.search(value):
        return True
    if hit.kind not in _GUESSED:
        return False
    before = text[max(text.rfind("\n", 0, hit.start) + 1, hit.start - _BEFORE) : hit.start]
    return is_stand_in(value) or _REFERENCE.match(value) is not None or _NAMED_SO.search(before) is not None


def is_stand_in(value: str) -> bool:
    """Whether a value consists of words that people write where a secret will stand."""
    parts = [part for part in _BETWEEN.split(value.lower()) if part]
    return all(part in _STAND_INS or _CROSSES.fullmatch(part) for part in parts)
