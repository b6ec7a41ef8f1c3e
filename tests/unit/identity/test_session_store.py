import stat

import pytest

from harness_cli.core.errors import IdentityError, UsageError
from harness_cli.core.secret import Secret
from harness_cli.identity.device import Tokens
from harness_cli.identity.session_store import SessionStore, state_folder

ISSUER = "https://login.acme.example"


def test_a_session_is_kept_for_its_owner_only(tmp_path, faker_token):
    store = SessionStore(tmp_path)
    store.save("li", ISSUER, Tokens(Secret(faker_token), None))
    (file,) = tmp_path.rglob("*.json")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert store.load("li", ISSUER).id_token.reveal() == faker_token
    assert store.load("default", ISSUER) is None
    assert store.load("li", "https://other.example") is None


def test_forgetting_says_whether_there_was_one(tmp_path):
    store = SessionStore(tmp_path)
    store.save("li", ISSUER, Tokens(Secret("x"), Secret("y")))
    assert (store.forget("li", ISSUER), store.forget("li", ISSUER), store.load("li", ISSUER)) == (True, False, None)


@pytest.mark.parametrize("profile", ["", "../x", "a/b", ".x", "a" * 65, "ü"])
def test_a_profile_is_no_path(tmp_path, profile):
    with pytest.raises(UsageError):
        SessionStore(tmp_path).load(profile, ISSUER)


@pytest.mark.parametrize("content", [b"", b"{}", b"[]", b"\xff", b'{"id_token": "x"}'])
def test_a_damaged_session_asks_for_a_new_login(tmp_path, content):
    store = SessionStore(tmp_path)
    store.save("default", ISSUER, Tokens(Secret("x"), None))
    (file,) = tmp_path.rglob("*.json")
    file.write_bytes(content)
    with pytest.raises(IdentityError, match="cannot be read"):
        store.load("default", ISSUER)


def test_the_state_folder_follows_xdg(own_home):
    assert state_folder({}) == own_home / ".local" / "state" / "harness"
    assert str(state_folder({"XDG_STATE_HOME": "/s"})) == "/s/harness"
    assert state_folder({"XDG_STATE_HOME": "relative"}) == own_home / ".local" / "state" / "harness"
