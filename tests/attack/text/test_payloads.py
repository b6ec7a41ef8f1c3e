"""1,238 hostile texts in every sink: nothing that a terminal obeys, nothing hidden, no crash, one event one line."""

import csv
import gzip
import io
import json
import re
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path

import pytest
import yaml

from harness_cli.core.untrusted import Untrusted
from harness_cli.guard import encode
from harness_cli.guard.redact import Redactor
from harness_cli.guard.signals import injection_signals
from harness_cli.render.console import console_on
from harness_cli.render.progress import LineProgress

CONTROL = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff\ufff9-\ufffb"
    "\ud800-\udfff\U000e0000-\U000e0fff]"
)
LINE_ENCODERS: dict[str, Callable[..., str]] = {
    "terminal": encode.for_terminal,
    "slack": encode.for_slack,
    "markdown": encode.for_markdown,
    "markdown-code": encode.for_markdown_code,
    "html": encode.for_html,
    "csv": encode.for_csv,
    "json": encode.for_json,
    "sarif": encode.for_sarif,
    "log": encode.for_log,
}


@pytest.fixture(scope="module")
def payloads(shared_data: Path) -> list[str]:
    with gzip.open(shared_data / "untrusted-text.jsonl.gz", "rt", encoding="utf-8") as lines:
        return [json.loads(line)["text"] for line in lines]


@pytest.mark.parametrize("sink", LINE_ENCODERS)
def test_no_payload_brings_a_control_or_hidden_character_into_a_sink(payloads: list[str], sink: str) -> None:
    for payload in payloads:
        shown = LINE_ENCODERS[sink](Untrusted(payload))
        assert CONTROL.search(shown) is None, payload
        assert len(shown.splitlines()) <= 1


def test_a_terminal_shows_payloads_as_they_were_cleaned(payloads: list[str]) -> None:
    stream = io.StringIO()
    console = console_on(stream, width=200)
    for payload in payloads:
        console.print(encode.for_terminal(payload, width=150))
    assert CONTROL.search(stream.getvalue().replace("\n", "")) is None


def test_progress_shows_one_line_for_any_label(payloads: list[str]) -> None:
    stream = io.StringIO()
    progress = LineProgress(stream, lambda: 0.0)
    for payload in payloads:
        progress.step_started(payload)
        progress.step_finished(payload, payload)
    assert stream.getvalue().count("\n") == len(payloads)
    assert CONTROL.search(stream.getvalue().replace("\n", "")) is None


def test_one_event_is_one_line_whatever_it_says(payloads: list[str]) -> None:
    log = "\n".join(json.dumps({"text": encode.for_json(payload)}, ensure_ascii=True) for payload in payloads)
    assert len(log.splitlines()) == len(payloads)
    assert all(set(json.loads(line)) == {"text"} for line in log.splitlines())


def test_html_keeps_every_payload_as_text(payloads: list[str]) -> None:
    opened: list[str] = []

    class Recorder(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            opened.append(tag + "".join(f" {name}" for name, _ in attrs))

        def handle_decl(self, decl: str) -> None:
            opened.append(decl)

        def handle_comment(self, data: str) -> None:
            opened.append(data)

    for payload in payloads:
        encoded = encode.for_html(payload)
        Recorder(convert_charrefs=True).feed(f'<p title="{encoded}">{encoded}</p>')
    assert opened == ["p title"] * len(payloads)


def test_a_table_of_payloads_has_its_cells_and_no_formula(payloads: list[str]) -> None:
    table = "\r\n".join(f"{encode.for_csv(payload)},end" for payload in payloads)
    rows = list(csv.reader(io.StringIO(table, newline="")))
    assert [row[1:] for row in rows] == [["end"]] * len(payloads)
    assert not any(row[0].startswith(("=", "+", "-", "@")) for row in rows)


def test_a_fenced_block_ends_at_its_own_fence(payloads: list[str]) -> None:
    for payload in payloads:
        opening, *body, closing, _ = encode.for_markdown_block(payload).split("\n")
        assert opening == closing
        assert not any(line.strip().startswith(closing) for line in body)


def test_slack_gets_no_control_sequence(payloads: list[str]) -> None:
    assert not any(re.search("[<>]", encode.for_slack(payload)) for payload in payloads)


def test_cleaned_payloads_survive_yaml_and_json(payloads: list[str]) -> None:
    shown = [encode.for_json(payload) for payload in payloads]
    assert json.loads(json.dumps(shown)) == shown
    assert yaml.safe_load(yaml.safe_dump(shown)) == shown


def test_no_payload_stops_redaction_or_signals(payloads: list[str]) -> None:
    redactor = Redactor(b"k" * 32)
    for payload in payloads:
        once = redactor.redact(payload, free_text=True).text
        assert redactor.redact(once, free_text=True).text == once
        assert isinstance(injection_signals(payload), tuple)
