"""No file may crash, hang or exhaust the loader; the native and the pure parser speak the same language."""

import time
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness_cli.config.compose import Composer
from harness_cli.config.document import Document, Mapping, Node, Scalar, Sequence
from harness_cli.config.events import PureParser, YAMLError, limited_events
from harness_cli.config.read import parse_document
from harness_cli.config.understand import understand
from harness_cli.core.limits import CONFIG_BYTES
from harness_cli.lint.run import lint
from tests.conftest import ROOT

BASE = (ROOT / "sample-configs" / "agent-harness-config.yaml").read_text(encoding="utf-8")
TODAY = date(2026, 11, 24)
SECONDS = 3.0  # of CPU; half a second on an idle machine
SIGNS = ("a", "a: ", "- ", "[", "]", "{", "}", "? ", ": ", "&x ", "*x", "!t ", "|\n", ">\n", '"', "'", "#", ",", "~")
LINES = ("\n", "\n  ", "\n    ", "\t", "---\n", "...\n", "%YAML 1.2\n", "\r\n", "\r", "\u2028", "\x85", "<<: ")
TEXTS = (
    "\u200b",
    "\ufeff",
    "\x00",
    "é",
    "😀",
    '"\\u0000"',
    "1.0",
    "0x1f",
    "no",
    "eyJ",
    "://a:b@c",
    "# harness: ignore[H032]",
)
KEYS = ("tools:", "scope: ", "runtime:", "version: ", "extends:")
PIECES = st.sampled_from((*SIGNS, *LINES, *TEXTS, *KEYS))


def judge(content: bytes) -> Document:
    document = parse_document(content, "x.yaml")
    found = lint(understand(document, Path("x.yaml")), TODAY)
    lines = content.count(b"\n") + 1
    for diagnostic in found:
        assert 1 <= diagnostic.span.line <= lines + 1
        assert diagnostic.span.column >= 1
        assert diagnostic.message
    return document


@given(st.lists(PIECES, max_size=40).map("".join))
@settings(max_examples=400, deadline=None, derandomize=True)
def test_pieces_of_yaml_in_any_order_are_judged(text: str) -> None:
    judge(text.encode("utf-8", "surrogatepass"))


@given(st.binary(max_size=200))
@settings(max_examples=300, deadline=None, derandomize=True)
def test_any_bytes_are_judged(content: bytes) -> None:
    judge(content)


@given(st.integers(0, len(BASE)), st.integers(0, 40), PIECES)
@settings(max_examples=300, deadline=None, derandomize=True)
def test_a_damaged_configuration_is_judged(start: int, length: int, piece: str) -> None:
    judge((BASE[:start] + piece + BASE[start + length :]).encode("utf-8", "surrogatepass"))


@given(st.lists(PIECES, max_size=25).map("".join))
@settings(max_examples=300, deadline=None, derandomize=True)
def test_native_and_pure_parser_accept_the_same_files(text: str) -> None:
    document = parse_document(text.encode("utf-8", "surrogatepass"), "x")
    if document.diagnostics:  # a refusal is a refusal; what is accepted must mean the same
        return
    composer = Composer("x", document.text, limited_events(document.text, PureParser))
    try:
        root = composer.document()
    except YAMLError:
        pytest.fail("the pure parser refuses what the native one accepts")
    assert composer.diagnostics == []
    assert outline(root) == outline(document.root)


def outline(node: Node | None) -> object:
    """A node without the ends of its collections, on which the two parsers differ."""
    match node:
        case Scalar():
            return node
        case Sequence():
            return [outline(item) for item in node.items]
        case Mapping():
            return [(entry.key, outline(entry.value)) for entry in node.entries]
    return None


def fill(unit: str, start: str = BASE) -> str:
    room = CONFIG_BYTES - len(start.encode())
    return start + (unit * (room // len(unit.encode()) + 1))[:room]


BOMBS = {
    "brackets": "[" * CONFIG_BYTES,
    "braces": "{" * CONFIG_BYTES,
    "dashes": "- " * (CONFIG_BYTES // 2),
    "question marks": "? " * (CONFIG_BYTES // 2),
    "anchors": "&a " * (CONFIG_BYTES // 3),
    "comments": fill("#\n"),
    "suppressions": fill('# harness: ignore[H032] reason="x"\n'),
    "tabs": fill("#\t\n"),
    "tokens": fill("-eyJ", BASE + "# "),
    "lines of a block": fill(" x\n", "a: |\n"),
    "keys": fill("a:\n", ""),
    "long numbers": "a: " + "9" * (CONFIG_BYTES - 3),
    "unknown keys": BASE + "".join(f"k{n}: 1\n" for n in range(9_000)),
    "unknown members": BASE.replace('["slack_notifier"]', "[" + ", ".join(f"n{n}" for n in range(9_000)) + "]"),
    "inheritance": BASE.replace(
        "roles:\n  engineer",
        "roles:\n"
        + "".join(
            f"  r{n}: {{clearance: [public], inherits: [{', '.join(f'r{(n * 7 + m) % 190}' for m in range(40))}]}}\n"
            for n in range(190)
        )
        + "  engineer",
    ),
}


@pytest.mark.parametrize("name", BOMBS)
def test_bomb_is_judged_in_time(name: str) -> None:
    started = time.process_time()
    judge(BOMBS[name].encode())
    assert time.process_time() - started < SECONDS
