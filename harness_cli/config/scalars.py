"""What an unquoted value is: YAML 1.2 core schema (§10.3.2), and where YAML 1.1 tools would differ."""

import re
from typing import Final, TypeAlias

ScalarValue: TypeAlias = str | int | float | bool | None

_NULL: Final = frozenset({"", "~", "null", "Null", "NULL"})
_BOOLEAN: Final = {
    "true": True,
    "True": True,
    "TRUE": True,
    "false": False,
    "False": False,
    "FALSE": False,
}
_DECIMAL = re.compile(r"[-+]?[0-9]+", re.ASCII)
_OCTAL = re.compile(r"0o[0-7]+", re.ASCII)
_HEXADECIMAL = re.compile(r"0x[0-9a-fA-F]+", re.ASCII)
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?", re.ASCII)
_SPECIAL_FLOAT = re.compile(r"(?:[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))", re.ASCII)
_MAY_BE_SPECIAL: Final = frozenset("0123456789+-.~nNtTfF")
_DIGITS_KEPT: Final = 18  # beyond it a number is out of every range of the schema, and `int` would be slow

# What YAML 1.1 reads as something else than YAML 1.2 does (yaml.org/type: bool, int, float, timestamp).
_YAML_1_1: Final = (
    ("true or false", re.compile(r"y|Y|yes|Yes|YES|n|N|no|No|NO|on|On|ON|off|Off|OFF", re.ASCII)),
    ("a number in base 60", re.compile(r"[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?", re.ASCII)),
    ("a date", re.compile(r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:(?:[Tt]|[ \t]+)[0-9].*)?", re.ASCII)),
    ("a number in base 8", re.compile(r"[-+]?0[0-7_]+", re.ASCII)),
    ("a number in base 2", re.compile(r"[-+]?0b[01_]+", re.ASCII)),
    ("a number", re.compile(r"[-+]?[0-9][0-9_]*_[0-9_.]*|[-+]?0x[0-9a-fA-F_]*_[0-9a-fA-F_]*", re.ASCII)),
)
_LOSSY: Final = (
    ("a number, without its last zeros", re.compile(r"[-+]?[0-9]+\.[0-9]*0", re.ASCII)),
    ("a number, without its first zeros", re.compile(r"[-+]?0[0-9]+", re.ASCII)),
)


def resolve(text: str) -> ScalarValue:
    """The value of an unquoted scalar."""
    if text and text[0] not in _MAY_BE_SPECIAL:
        return text
    if text in _NULL:
        return None
    if text in _BOOLEAN:
        return _BOOLEAN[text]
    return _number(text)


def read_differently(text: str) -> str:
    """What YAML 1.1 tools take an unquoted text for, where YAML 1.2 takes it for something else; else empty."""
    for meaning, pattern in _YAML_1_1:
        if pattern.fullmatch(text):
            return meaning
    return ""


def loses_digits(text: str) -> str:
    """What an unquoted text becomes that looks like a number but cannot be written back; else empty."""
    for meaning, pattern in _LOSSY:
        if pattern.fullmatch(text):
            return meaning
    return ""


def _number(text: str) -> ScalarValue:
    if _DECIMAL.fullmatch(text):
        return int(text) if len(text) <= _DIGITS_KEPT else float(text)
    if _OCTAL.fullmatch(text):
        return int(text, 0) if len(text) <= _DIGITS_KEPT else float("inf")
    if _HEXADECIMAL.fullmatch(text):
        return int(text, 0) if len(text) <= _DIGITS_KEPT else float("inf")
    if _FLOAT.fullmatch(text):
        return float(text)
    if _SPECIAL_FLOAT.fullmatch(text):
        return float(text.replace(".", "", 1))
    return text
