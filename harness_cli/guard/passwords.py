"""Passwords: chosen by people, so found by what stands before them: a name, an address, a header, an option."""

import re
from collections.abc import Iterator
from typing import Final

from harness_cli.guard.context import Closeness, looks_random
from harness_cli.guard.shapes import Span, lowered

_NAMES: Final = ("passw", "passphrase", "pwd", "secret", "credential", "psk")
_PASS: Final = re.compile(r"pass(?![a-z])(?=[\w-]{0,20}[\"')\]]{0,2}[ \t]{0,4}[:=,(])", re.ASCII)
_ASSIGNMENT: Final = re.compile(
    r"[\w.\-]{0,40}+(?:[ \t]{0,2}(?:for|of|to)\s[^\n:=]{1,40}?)?(?P<closed>[\"'`\]\\)]{0,4})[ \t]{0,12}"
    r"(?P<op>(?:[:!?+|]{0,3}=[=>]?|:{1,3}|->|>)(?:\s{0,2}\n)?|,|\("
    r"|\"?[ \t]+value[ \t]{0,2}=|[ \t](?:is|was)[ \t]|(?=[ \t\"'`\\]))"
    r"[ \t]{0,12}[\\[(]{0,2}(?:(?P<quote>[\"'`])(?!(?P=quote))(?P<quoted>[^\r\n]{3,200}?)\\?(?P=quote)"
    r"|(?P<bare>[^\s\"'`,;<>(){}\[\]|\\]{4,200}))",
    re.ASCII,
)
_REFERENCE: Final = re.compile(
    r"(?i)\$[({\w]|[{%]{2}|%\(|%[sdr]$|<|\[|\{|\*{2,}|x{4,}$|\.{3}|(?:var|local|data|module|self|os|env|process|config|settings"
    r"|each|path|github|secrets|vault|ssm|args|options|cls|this|arn|https?|file|aws|random_password|kms)[.:_]"
)
_TYPE: Final = re.compile(
    r"(?i)(?:true|false|null|none|nil|undefined|str|string|bytes?|bool(?:ean)?|int|integer|number|any|object|optional|required"
    r"|secret(?:str)?|password|passwd|token|key|value|text|name|type|sensitive|char\w*|float|list|map|dict|set|the|and|or|not|is"
    r"|in|if|for|of|to|from|with|return|default|example|changed|rotation|policy|length|hash|reset|manager|file|prompt)[.:]?"
)
_SIGNED: Final = re.compile(r"[^\s/]{0,100}[#$%^&*@!?~+;][^\s]{0,100}")
_PROSE: Final = re.compile(r"[A-Za-z_.\s/:-]*")
_DIGIT: Final = re.compile(r"[0-9]")
_TOKEN: Final = re.compile(r"[^\s\"'()<>{}\[\],]{8,200}")
_PATH: Final = re.compile(r"[\w.@~-]*(?:/[\w.@~-]+)+/?", re.ASCII)
_WHOLE_LINE: Final = re.compile(r"(?:^|\n|\\n)[+\-#;/\s]{0,12}(?:export |set |ENV )?[\w.\-]{0,60}\Z", re.ASCII)

_URL: Final = re.compile(r"://(?P<user>[^\s/:@\"'<>`]{0,128}):(?P<secret>[^\s/\"'<>`]{1,200})@(?=[A-Za-z0-9\[*])")
_AUTHORIZATION: Final = re.compile(
    r"(?i)\b(?:basic|bearer|token|apikey|digest)[:=]?\s{1,3}[\"']?(?P<secret>[A-Za-z0-9._~+/|:-]{8,4096}+={0,2})",
    re.ASCII,
)
_OPTION: Final = re.compile(
    r"-(?:u|-user|p|-password|-token|-secret|pw|-pass|-registration-token|Password)[ =:]{1,3}[\"']?"
    r"(?P<secret>[\w.@-]{1,60}:[\"'][^\s\"']{4,80}|(?<=[\"'])[^\s\"'|;]{4,200}|(?<![\"'])[^\s\"'|;]{4,200})",
    re.ASCII,
)
_CALL: Final = re.compile(
    r"(?:NetworkCredential|DirectoryEntry|BasicAuth|basic_auth|HTTPBasicAuth|login|authenticate|UsernamePasswordCredentials?)\("
    r"[^()]{0,160}?[\"'](?P<secret>[^\"'\n]{4,120})[\"']\s{0,4}\)",
    re.ASCII,
)
_PSEXEC: Final = re.compile(r"(?i)psexec[^\n]{0,120}?\s-p\s{1,3}(?P<secret>[^\s\"';]{3,64})", re.ASCII)
_LOGIN: Final = re.compile(r"(?:USERNAME|_USER)=(?P<secret>[^\s\"'${}()<>,;]{3,64})", re.ASCII)
_AWS: Final = re.compile(
    r"(?i)(?:aws_?secret[\w.-]{0,24}|secret_?(?:access_?)?key)[\"']?\s{0,4}(?:=>|[:=,])\s{0,4}[\"']?"
    r"(?P<secret>[A-Za-z0-9/+]{40})(?![A-Za-z0-9/+])"
)
_CLIENT: Final = re.compile(r"(?i)client_?secret[\"']?\s{0,4}[:=]\s{0,4}[\"'](?P<secret>[\w-]{24})[\"']", re.ASCII)
_OKTA: Final = re.compile(r"(?i)okta[\w.-]{0,24}[\"']?\s{0,4}[:=]\s{0,4}[\"']?(?P<secret>00[\w-]{38,40})", re.ASCII)
_TOLD: Final = re.compile(
    r"(?i)passw(?:or)?d\b[^\n]{0,60}?\bis\s{1,3}[\"'`](?P<secret>[^\"'`\s]{3,64})[\"'`]", re.ASCII
)
_LINE_END: Final = re.compile(r"[ \t]*(?:\Z|\r|\n|\\[nr]|#)")


def password_spans(text: str) -> Iterator[Span]:
    """Start, end and kind of each password that a name, an address, a header or an option gives away."""
    yield from _assigned(text)
    for kind, pattern in (("authorization", _AUTHORIZATION), ("password-option", _OPTION)):
        for found in pattern.finditer(text):
            if _is_literal(found["secret"], quoted=False) and has_digit_or_sign(found["secret"]):
                yield *found.span("secret"), kind
    for pattern in (_CALL, _TOLD, _PSEXEC, _LOGIN, _AWS, _CLIENT, _OKTA):
        for found in pattern.finditer(text):
            yield *found.span("secret"), "password"
    for found in _URL.finditer(text):
        if not _REFERENCE.match(found["secret"]):
            yield *found.span("secret"), "password-url"


def _names(text: str) -> list[tuple[int, str]]:
    """Where each name of a password stands, in order."""
    small = lowered(text)
    places: dict[int, str] = {}
    for name in _NAMES:
        at = small.find(name)
        while at >= 0:
            places.setdefault(at, name)
            at = small.find(name, at + len(name))
    for found in _PASS.finditer(small):
        places.setdefault(found.start(), "pass")
    return sorted(places.items())


def _assigned(text: str) -> Iterator[Span]:
    done = 0
    for at, name in _names(text):
        if at < done:
            continue
        found = _ASSIGNMENT.match(text, at + len(name))
        if found is None:
            continue
        group = "quoted" if found["quote"] else "bare"
        if _accepts(text, at, name, found):
            yield *found.span(group), "password"
            done = found.end()


def _accepts(text: str, at: int, name: str, found: re.Match[str]) -> bool:
    value = found["quoted"] or found["bare"]
    follows = text[found.end() : found.end() + 1]
    if follows in {"(", "["} or _REFERENCE.match(value) or not _is_whole_word(text, at, name):
        return False
    operator = found["op"].strip()
    if operator in {",", "("} and not (
        found["quote"] and (operator == "(" or '"' in found["closed"] or "'" in found["closed"])
    ):
        return False
    if name in {"secret", "credential"}:
        return (
            operator != ""
            and len(value) >= 8
            and (_is_token(value) or bool(found["quote"] and _SIGNED.fullmatch(value)))
        )
    if found["quote"]:
        return _accepts_quoted(value, operator)
    if operator == "=" and (follows == ";" or text[at - 1 : at] == ";"):
        return True  # a part of a connection string
    if not _is_literal(value, quoted=False):
        return False
    if has_digit_or_sign(value):
        return operator != "" or (name != "pass" and _DIGIT.search(value) is not None)
    return _fills_line(text, at, found)


def _accepts_quoted(value: str, operator: str) -> bool:
    if operator in {",", "(", ""}:
        return " " not in value and (has_digit_or_sign(value) or value in {"password", "secret"})
    return value.count(" ") <= 1 and not _PATH.fullmatch(value)


def _is_whole_word(text: str, at: int, name: str) -> bool:
    """Whether `pass` stands as a word or a hump of a name, not in `bypass` or `passing`."""
    if name != "pass":
        return True
    before, after = text[at - 1 : at], text[at + 4 : at + 5]
    return not after.isalpha() and not (before.isalpha() and before.islower() == text[at].islower())


def _is_token(value: str) -> bool:
    return (
        _DIGIT.search(value) is not None
        and _TOKEN.fullmatch(value) is not None
        and looks_random(value, Closeness.ASSIGNED)
    )


def _fills_line(text: str, at: int, found: re.Match[str]) -> bool:
    """Whether name and value are a line of their own, as in settings; in code such a value would be a variable."""
    if not found["op"].strip() or not _LINE_END.match(text, found.end()):
        return False
    return _WHOLE_LINE.search(text, max(0, at - 80), at) is not None


def _is_literal(value: str, *, quoted: bool) -> bool:
    if _REFERENCE.match(value) or _TYPE.fullmatch(value):
        return False
    return quoted or not _PATH.fullmatch(value)


def has_digit_or_sign(value: str) -> bool:
    """Whether a value holds what a plain word, a dotted name or a sentence does not."""
    return _PROSE.fullmatch(value) is None
