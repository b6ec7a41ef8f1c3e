"""Keys: made once, private, outside the audit folder; what cannot be used is said, never replaced."""

import fcntl
import os

import pytest

from harness_cli.audit.keys import KEY_FILE, config_folder, local_signer, make_key, signer_from, trust, trusted_keys
from harness_cli.core.errors import AuditError, UsageError
from harness_cli.core.secret import Secret


@pytest.fixture
def environ(tmp_path):
    return {"XDG_CONFIG_HOME": str(tmp_path / "config")}


def test_the_folder_is_where_the_user_says(tmp_path):
    assert config_folder({"XDG_CONFIG_HOME": "/etc/x", "HOME": "/h"}).as_posix() == "/etc/x/harness"
    assert config_folder({"XDG_CONFIG_HOME": "relative", "HOME": "/h"}).as_posix() == "/h/.config/harness"
    assert config_folder({}).parts[-2:] == (".config", "harness")


def test_a_key_is_made_once_private_and_trusted(environ):
    first = local_signer(environ)
    assert local_signer(environ).vkey == first.vkey
    path = config_folder(environ) / "keys" / KEY_FILE
    assert path.stat().st_mode & 0o777 == 0o600
    assert trusted_keys(environ) == (first.vkey,)
    trust(first.vkey, config_folder(environ))
    assert trusted_keys(environ) == (first.vkey,)
    assert str(path.read_text()) not in repr(first)


def test_of_two_that_make_a_key_at_once_the_second_takes_the_firsts(environ, monkeypatch):
    lock, made = fcntl.flock, []

    def slower(descriptor, operation):
        if not made:
            made.append(None)
            made[0] = local_signer(environ).vkey  # another process was faster
        return lock(descriptor, operation)

    monkeypatch.setattr(fcntl, "flock", slower)
    assert local_signer(environ).vkey == made[0]
    assert trusted_keys(environ) == (made[0],)


def test_a_key_that_cannot_be_used_is_named_and_not_replaced(environ):
    path = config_folder(environ) / "keys" / KEY_FILE
    path.mkdir(parents=True)
    with pytest.raises(AuditError, match="the signing key cannot be used") as caught:
        local_signer(environ)
    assert (caught.value.code, caught.value.place) == ("T020", str(path))


def test_a_folder_in_which_no_key_can_be_made_is_named(environ, tmp_path):
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "harness").symlink_to(tmp_path / "nowhere" / "at" / "all")
    with pytest.raises(AuditError, match="the signing key cannot be used"):
        local_signer(environ)


def test_a_key_file_is_never_overwritten(tmp_path):
    path = tmp_path / "ci.key"
    vkey = make_key(path, "example.com/ci")
    before = path.read_bytes()
    with pytest.raises(UsageError, match="exists already"):
        make_key(path)
    assert (path.read_bytes(), signer_from(Secret(before.decode())).vkey) == (before, vkey)
    link = tmp_path / "link"
    link.symlink_to(tmp_path / "nowhere")
    with pytest.raises(UsageError, match="exists already"):
        make_key(link)
    assert not os.path.lexists(tmp_path / "nowhere")


@pytest.mark.parametrize("text", ["", "PRIVATE+KEY+x+00000000+AAAA", "PRIVATE+KEY+x+00000000+" + "A" * 43 + "="])
def test_what_is_no_private_key_is_refused_without_showing_it(text):
    with pytest.raises(AuditError, match="cannot be read") as caught:
        signer_from(Secret(text))
    assert not text or text not in str(caught.value)
