"""Personal data with a structure: mail addresses, phones, cards and accounts that pass their checksums."""

import re
from collections.abc import Iterator
from typing import Final

from harness_cli.guard.shapes import Span

_MAIL: Final = re.compile(r"(?<=[\w.%+-])@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,62})\.){1,8}[A-Za-z]{2,24}(?![A-Za-z0-9])")
_MAILBOX: Final = re.compile(r"[\w.%+-]{1,64}+")
_CARD: Final = re.compile(r"[0-6](?<![0-9A-Za-z.-].)(?:[ -]?[0-9]){11,18}(?![0-9A-Za-z])", re.ASCII)
_ISSUER: Final = re.compile(r"4|5[0-9]|2[2-7]|3[04-9]|6[0-9]|(?:1800|2131)[0-9]{11}\Z|0604", re.ASCII)
_IBAN: Final = re.compile(
    r"(?<![A-Za-z0-9])(?:[A-Z]{2}[0-9]{2}(?:[ -]?[A-Z0-9]){11,30}|[a-z]{2}[0-9]{2}[a-z0-9]{11,30})(?![A-Za-z0-9])",
    re.ASCII,
)
_PHONE: Final = re.compile(
    r"(?<![\w.+/-])(?:\+[0-9]{1,3}[ .()-]{0,2}(?:[0-9][ .()-]{0,2}){6,12}[0-9]"
    r"|\(?0?[0-9]{2,4}\)?[ .-][0-9]{3,4}[ .-][0-9]{3,4}(?:[ .-][0-9]{2,4})?)(?:x[0-9]{1,5})?(?![\w/-])",
    re.ASCII,
)
_SSN: Final = re.compile(r"(?<![\w.-])(?!000|666|9)[0-9]{3}-(?!00)[0-9]{2}-(?!0000)[0-9]{4}(?![\w-])", re.ASCII)
_IPV4: Final = re.compile(
    r"[0-9](?<![\w.].)[0-9]{0,2}(?:\.(?:25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])){3}(?![\w.]*[0-9])", re.ASCII
)
_IPV6: Final = re.compile(r"(?<![\w:.])(?:[0-9a-fA-F]{1,4}:){2,7}(?::?[0-9a-fA-F]{1,4}){1,7}(?![\w:])", re.ASCII)


def personal_spans(text: str, *, free_text: bool) -> Iterator[Span]:
    """Start, end and kind of personal data; phones and addresses of machines only where people write to people."""
    for found in _MAIL.finditer(text):
        box = _MAILBOX.match(text[max(0, found.start() - 64) : found.start()][::-1])  # read backwards, once
        start = found.start() - (box.end() if box else 0)
        if not text.endswith(":", 0, start) or text.rfind("//", max(0, start - 130), start) < 0:  # user:password@host
            yield start, found.end(), "email"
    for found in _CARD.finditer(text):
        if is_card(found[0]):
            yield *found.span(), "card"
    for found in _IBAN.finditer(text):
        end = _iban_end(found[0])
        if end:
            yield found.start(), found.start() + end, "iban"
    if free_text:
        for kind, pattern in (("ssn", _SSN), ("phone", _PHONE), ("ip", _IPV4), ("ip", _IPV6)):
            for found in pattern.finditer(text):
                yield *found.span(), kind


def is_card(text: str) -> bool:
    """Whether digits are a card number: a known issuer, a length that cards have, and a Luhn sum."""
    digits = [int(character) for character in text if character.isdigit()]
    if not 12 <= len(digits) <= 19 or not _ISSUER.match(text):
        return False
    doubled = (2 * digit - 9 if digit > 4 else 2 * digit for digit in digits[-2::-2])
    return (sum(digits[::-2]) + sum(doubled)) % 10 == 0


def is_iban(text: str) -> bool:
    """Whether letters and digits are an account number with the right checksum."""
    plain = re.sub(r"[ -]", "", text)
    if not 15 <= len(plain) <= 34:
        return False
    return int("".join(str(int(character, 36)) for character in plain[4:] + plain[:4])) % 97 == 1


def _iban_end(text: str) -> int:
    """Where an account number ends that a following word in capitals may have been read into; 0: there is none."""
    end = len(text)
    while end >= 15:
        if is_iban(text[:end]):
            return end
        cut = max(text.rfind(" ", 0, end), text.rfind("-", 0, end))
        end = cut if cut > 0 else 0
    return 0
