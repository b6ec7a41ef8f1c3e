"""What a person asks of verification: keys and a saved checkpoint, as text or as files."""

import os

import pytest

from harness_cli.audit.asked import question
from harness_cli.audit.keys import trusted_keys
from harness_cli.core.errors import UsageError
from tests.unit.audit.trails import trails


@pytest.fixture
def made(tmp_path):
    found = trails(tmp_path)
    found.sealed()
    return found


def vkey(made) -> str:
    return (made.ledger / "audit.vkey").read_text()


def test_without_a_name_the_trusted_keys_of_this_user_are_asked(made):
    asked = question((), "", None)
    assert asked.keys == trusted_keys(os.environ)
    assert [str(key) for key in asked.keys] == [vkey(made).strip()]
    assert (asked.since, asked.only, asked.traces) == (None, None, True)


def test_keys_that_are_named_replace_the_trusted_ones(made, tmp_path):
    file = tmp_path / "keys"
    file.write_text("# ours\n" + vkey(made) + "no key\n")
    for named in (vkey(made).strip(), str(file)):
        assert [str(key) for key in question((named,), "", None, {}).keys] == [vkey(made).strip()]


@pytest.mark.parametrize(
    ("name", "reason"), [("missing", "neither a verifier key nor a file"), ("empty", "no verifier")]
)
def test_what_is_no_key_is_never_passed_over(tmp_path, name, reason):
    (tmp_path / "empty").write_text("# nothing\n")
    with pytest.raises(UsageError, match=reason):
        question((str(tmp_path / name),), "", None)


def test_a_saved_checkpoint_is_a_file_or_the_note_itself(made):
    path = made.ledger / "checkpoint"
    assert question((), str(path), None).since == question((), path.read_text(), None).since == path.read_bytes()
    with pytest.raises(UsageError, match="the saved checkpoint cannot be read"):
        question((), str(path) + "x", None)
