"""No published case is without a test: rows that run as data are found there, every other by its name."""

import json
import re
from pathlib import Path

TESTS = Path(__file__).resolve().parents[2]
BY_DATA = {"decide", "load"}  # test_published_cases.py runs each of these


def test_every_published_row_is_run_or_named_by_a_test(shared_data: Path) -> None:
    lines = (shared_data / "policy-cases.jsonl").read_text("utf-8").splitlines()
    rows = {row["id"]: row["stage"] for row in map(json.loads, lines)}
    sources = "\n".join(file.read_text("utf-8") for file in TESTS.rglob("*.py") if file != Path(__file__)).casefold()
    words = set(re.findall(r"[a-z]{2}\d{2}(?![0-9a-z])", sources))
    named = {row for row, stage in rows.items() if stage not in BY_DATA}
    assert named
    assert {row for row in named if row.casefold() not in words} == set()
    assert set(rows.values()) > BY_DATA
