import sys

import pytest

from harness_cli.config.model import CommandRef, EnvRef, FileRef
from harness_cli.core.errors import CredentialError
from harness_cli.credentials.sources import SecretSource


def test_each_kind_of_reference_gives_its_secret(tmp_path, faker_token):
    (tmp_path / "token").write_text(faker_token + "\n")
    source = SecretSource(tmp_path, {"TOKEN": faker_token})
    printing = CommandRef((sys.executable, "-c", f"print({faker_token!r})"))
    for ref in (EnvRef("TOKEN"), FileRef("token"), FileRef(str(tmp_path / "token")), printing):
        assert source.fetch(ref).reveal() == faker_token


def test_the_home_folder_is_understood(own_home, tmp_path, faker_token):
    (own_home / "token").write_text(faker_token)
    assert SecretSource(tmp_path, {}).fetch(FileRef("~/token")).reveal() == faker_token


@pytest.mark.parametrize(
    "ref",
    [
        EnvRef("MISSING"),
        FileRef("missing"),
        FileRef("empty"),
        FileRef("binary"),
        FileRef("large"),
        FileRef("."),
        CommandRef(("/nonexistent",)),
        CommandRef((sys.executable, "-c", "raise SystemExit(3)")),
        CommandRef((sys.executable, "-c", "pass")),
    ],
    ids=str,
)
def test_a_reference_to_nothing_says_where_and_what_to_do(tmp_path, ref):
    (tmp_path / "empty").write_text("\n")
    (tmp_path / "binary").write_bytes(b"\xff\xfe")
    (tmp_path / "large").write_bytes(b"x" * 70_000)
    with pytest.raises(CredentialError) as caught:
        SecretSource(tmp_path, {}).fetch(ref)
    assert caught.value.help or "large" in caught.value.message


def test_a_failing_command_shows_no_argument(tmp_path, faker_token):
    with pytest.raises(CredentialError) as caught:
        SecretSource(tmp_path, {}).fetch(CommandRef((sys.executable, "-c", f"raise SystemExit({faker_token!r})")))
    assert faker_token not in str(caught.value)
    assert caught.value.__suppress_context__ or caught.value.__cause__ is None
