"""The run's own credentials leave nowhere: no form, no sink, no log, no traceback."""

import base64
import json
import logging
import secrets
import subprocess
import sys
import threading
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness_cli.core.secret import Secret
from harness_cli.guard.scrub import PLACEHOLDER, ExactScrubber, LeakError, ScrubbingFilter, install, last_gate


def scrubber_with(value: str) -> ExactScrubber:
    scrubber = ExactScrubber()
    scrubber.register(Secret(value))
    return scrubber


FORMS = {
    "raw": lambda v: v,
    "json": lambda v: json.dumps({"a": v}),
    "json in json": lambda v: json.dumps(json.dumps({"a": v})),
    "json unicode": lambda v: json.dumps(v, ensure_ascii=False),
    "url": lambda v: "https://127.0.0.1/?q=" + quote(v, safe=""),
    "url plus": lambda v: quote_plus(v),
    "url lower": lambda v: "".join(f"%{b:02x}" if not chr(b).isalnum() else chr(b) for b in v.encode()),
    "base64": lambda v: base64.b64encode(v.encode()).decode(),
    "base64 user": lambda v: base64.b64encode(b"me:" + v.encode()).decode(),
    "base64 shifted": lambda v: base64.b64encode(b"u:" + v.encode() + b"!").decode(),
    "base64 middle": lambda v: base64.b64encode(b"a" + v.encode() + b"bcd").decode(),
    "base64 url": lambda v: base64.urlsafe_b64encode(b"x" + v.encode()).decode(),
    "hex": lambda v: v.encode().hex(),
    "HEX": lambda v: v.encode().hex().upper(),
    "repr": lambda v: repr(v),
}
VALUES = st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=8, max_size=40)


@pytest.mark.parametrize("form", FORMS)
@given(value=VALUES)
def test_a_registered_value_is_seen_in_every_form(form: str, value: str) -> None:
    scrubber = scrubber_with(value)
    written = f"before {FORMS[form](value)} after"
    assert scrubber.contains(written)
    assert scrubber.contains(written.encode())
    assert not scrubber.contains(scrubber.scrub(written))
    assert PLACEHOLDER in scrubber.scrub(written)
    assert scrubber.scrub_bytes(written.encode()) == scrubber.scrub(written).encode()


def test_without_registered_values_nothing_changes() -> None:
    assert ExactScrubber().scrub("text") == "text"
    assert not ExactScrubber().contains("text")


def test_a_short_value_would_hit_words_and_is_not_registered() -> None:
    scrubber = scrubber_with("main")
    assert scrubber.scrub("the main branch") == "the main branch"


def test_a_value_that_stands_in_the_placeholder_is_scrubbed_once() -> None:
    scrubber = scrubber_with("REDACTED")
    assert scrubber.scrub(scrubber.scrub("x REDACTED y")) == f"x {PLACEHOLDER} y"
    assert not scrubber.contains(PLACEHOLDER)


def test_of_two_values_the_longer_is_taken_whole(faker_token: str) -> None:
    scrubber = scrubber_with(faker_token)
    scrubber.register(faker_token + "-suffix")
    assert scrubber.scrub(f"{faker_token}-suffix") == PLACEHOLDER


def test_bytes_that_are_not_text_survive(faker_token: str) -> None:
    scrubber = scrubber_with(faker_token)
    assert (
        scrubber.scrub_bytes(b"\xff\x00" + faker_token.encode() + b"\xfe")
        == b"\xff\x00" + PLACEHOLDER.encode() + b"\xfe"
    )


def test_the_scrubber_shows_no_value(faker_token: str) -> None:
    assert faker_token not in repr(scrubber_with(faker_token))


def test_values_can_be_registered_side_by_side() -> None:
    scrubber = ExactScrubber()
    values = [secrets.token_urlsafe(20) for _ in range(40)]
    threads = [threading.Thread(target=scrubber.register, args=(value,)) for value in values]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(scrubber.contains(value) for value in values)


def test_the_last_gate_refuses_and_does_not_repeat(faker_token: str) -> None:
    scrubber = scrubber_with(faker_token)
    last_gate(scrubber, "harmless", "stdout")
    with pytest.raises(LeakError, match="stdout") as caught:
        last_gate(scrubber, faker_token.encode().hex().encode(), "stdout")
    assert faker_token not in str(caught.value)
    assert faker_token.encode().hex() not in str(caught.value)


def test_a_log_record_is_scrubbed_with_its_arguments_and_exception(
    faker_token: str, caplog: pytest.LogCaptureFixture
) -> None:
    logger = logging.getLogger("harness.test.scrub")
    scrubbing = ScrubbingFilter(scrubber_with(faker_token))
    logger.addFilter(scrubbing)
    try:
        try:
            int(faker_token)
        except ValueError:
            logger.exception("sent %s to %s", faker_token, "there")
        logger.error("%d", faker_token, stack_info=True)
    finally:
        logger.removeFilter(scrubbing)
    assert faker_token not in caplog.text
    assert PLACEHOLDER in caplog.text


def test_installed_it_reaches_loggers_made_later_and_is_undone(
    faker_token: str, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    hooks = sys.excepthook, threading.excepthook, logging.getLogRecordFactory()
    undo = install(scrubber_with(faker_token))
    try:
        logging.getLogger(f"later.{id(undo)}").warning("token=%s", faker_token)
        sys.excepthook(ValueError, ValueError(faker_token), None)
        thread = threading.Thread(target=lambda: int(faker_token))
        thread.start()
        thread.join()
    finally:
        undo()
    assert (sys.excepthook, threading.excepthook, logging.getLogRecordFactory()) == hooks
    written = caplog.text + capsys.readouterr().err
    assert written.count(PLACEHOLDER) >= 3
    assert faker_token not in written


def test_an_uncaught_exception_of_a_process_shows_no_credential(faker_token: str) -> None:
    program = (
        "import os\n"
        "from harness_cli.guard.scrub import ExactScrubber, install\n"
        "scrubber = ExactScrubber()\n"
        "scrubber.register(os.environ['VALUE'])\n"
        "install(scrubber)\n"
        "raise RuntimeError('with ' + os.environ['VALUE'])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], env={"VALUE": faker_token}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "RuntimeError: with " + PLACEHOLDER in done.stderr
    assert faker_token not in done.stderr
