"""The identity provider and the directory."""

import base64
import hashlib
import secrets
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest

from harness_cli.sandbox import Estate, SandboxAddresses, SandboxError, approve_device
from tests.http.sandbox.http import Answer, ask

DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"


def start_device(at: SandboxAddresses) -> dict[str, str]:
    form = {"client_id": at.client_id, "scope": "openid profile groups"}
    return dict(ask("POST", f"{at.issuer}/oauth2/device_authorization", form=form).json())


def poll(at: SandboxAddresses, device_code: str) -> Answer:
    form = {"grant_type": DEVICE_GRANT, "device_code": device_code, "client_id": at.client_id}
    return ask("POST", f"{at.issuer}/oauth2/token", form=form)


def login(at: SandboxAddresses, person: str) -> dict[str, str]:
    started = start_device(at)
    approve_device(at.issuer, started["user_code"], person)
    return dict(poll(at, started["device_code"]).json())


def claims_of(at: SandboxAddresses, token: str) -> dict[str, object]:
    metadata = ask("GET", f"{at.issuer}/.well-known/openid-configuration").json()
    keys = jwt.PyJWKSet.from_dict(ask("GET", metadata["jwks_uri"]).json())
    key = keys[jwt.get_unverified_header(token)["kid"]]
    return dict(jwt.decode(token, key, algorithms=["RS256"], audience=at.client_id, issuer=metadata["issuer"]))


def test_the_device_flow_proves_a_person(at: SandboxAddresses, estate: Estate) -> None:
    claims = claims_of(at, login(at, "li")["id_token"])
    li = estate.people["li"]
    assert (claims["sub"], claims["preferred_username"], claims["azp"]) == (li.subject, li.id, at.client_id)
    assert li.subject != li.id
    assert claims["groups"] == ["infra-reviewers", "infra-approvers"]
    assert {"iat", "exp", "auth_time", "amr", "email", "email_verified"} <= set(claims)


def test_an_unanswered_device_is_pending_and_hasty_polls_slow_down(at: SandboxAddresses) -> None:
    device = start_device(at)["device_code"]
    assert poll(at, device).json()["error"] == "authorization_pending"
    assert poll(at, device).json()["error"] == "slow_down"


def test_a_denied_device_says_so(at: SandboxAddresses) -> None:
    started = start_device(at)
    approve_device(at.issuer, started["user_code"], "li", deny=True)
    assert poll(at, started["device_code"]).json()["error"] == "access_denied"


def test_a_device_code_is_good_once(at: SandboxAddresses) -> None:
    started = start_device(at)
    approve_device(at.issuer, started["user_code"], "ana")
    assert poll(at, started["device_code"]).status == 200
    assert poll(at, started["device_code"]).json()["error"] == "invalid_grant"
    with pytest.raises(SandboxError):
        approve_device(at.issuer, started["user_code"], "bo")


def test_nobody_else_can_answer_a_device(at: SandboxAddresses) -> None:
    with pytest.raises(SandboxError):
        approve_device(at.issuer, start_device(at)["user_code"], "mallory")


def test_refreshing_keeps_the_time_of_the_login_and_spends_the_token(at: SandboxAddresses) -> None:
    first = login(at, "ana")
    form = {"grant_type": "refresh_token", "refresh_token": first["refresh_token"], "client_id": at.client_id}
    second = ask("POST", f"{at.issuer}/oauth2/token", form=form).json()
    assert claims_of(at, second["id_token"])["auth_time"] == claims_of(at, first["id_token"])["auth_time"]
    assert ask("POST", f"{at.issuer}/oauth2/token", form=form).json()["error"] == "invalid_grant"


def test_a_revoked_refresh_token_is_over(at: SandboxAddresses) -> None:
    token = login(at, "ana")["refresh_token"]
    assert ask("POST", f"{at.issuer}/oauth2/revoke", form={"token": token, "client_id": at.client_id}).status == 200
    form = {"grant_type": "refresh_token", "refresh_token": token, "client_id": at.client_id}
    assert ask("POST", f"{at.issuer}/oauth2/token", form=form).json()["error"] == "invalid_grant"


def test_the_code_flow_needs_its_verifier(at: SandboxAddresses) -> None:
    verifier = secrets.token_urlsafe(40)
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    wanted = {
        "client_id": at.client_id,
        "redirect_uri": "http://127.0.0.1:1/callback",
        "response_type": "code",
        "code_challenge": challenge,
        "code_challenge_method": "S256",
        "state": "s1",
        "nonce": "n1",
        "scope": "openid",
    }
    answer = ask("POST", f"{at.issuer}/oauth2/authorize", form={**wanted, "login": "bo", "answer": "allow"})
    query = parse_qs(urlsplit(answer.headers["Location"]).query)
    assert query["state"] == ["s1"]
    form = {"grant_type": "authorization_code", "code": query["code"][0], "client_id": at.client_id}
    form |= {"redirect_uri": wanted["redirect_uri"], "code_verifier": verifier}
    token = ask("POST", f"{at.issuer}/oauth2/token", form=form).json()["id_token"]
    assert claims_of(at, token)["nonce"] == "n1"
    assert ask("POST", f"{at.issuer}/oauth2/token", form=form).json()["error"] == "invalid_grant"


def test_an_unknown_client_is_refused(at: SandboxAddresses) -> None:
    answer = ask("POST", f"{at.issuer}/oauth2/device_authorization", form={"client_id": "other"})
    assert (answer.status, answer.json()["error"]) == (401, "invalid_client")


# --- the directory ----------------------------------------------------------------------------------


def scim(at: SandboxAddresses, path: str, **query: str) -> Answer:
    from urllib.parse import urlencode

    return ask("GET", f"{at.scim}{path}?{urlencode(query)}", token=at.secret("scim-token"))


def test_exactly_one_user_has_a_user_name(at: SandboxAddresses, estate: Estate) -> None:
    found = scim(at, "/Users", filter='userName eq "MAX@acme.example"').json()
    assert found["totalResults"] == 1
    user = found["Resources"][0]
    assert (user["active"], user["groups"], user["externalId"]) == (False, [], estate.people["max"].subject)


def test_groups_are_found_by_their_members(at: SandboxAddresses) -> None:
    user = scim(at, "/Users", filter='userName eq "li@acme.example"').json()["Resources"][0]["id"]
    groups = scim(at, "/Groups", filter=f'members.value eq "{user}"').json()["Resources"]
    assert {group["displayName"] for group in groups} == {"infra-reviewers", "infra-approvers"}
    assert scim(at, f"/Users/{user}").json()["userName"] == "li@acme.example"


def test_a_filter_that_is_not_known_is_an_error(at: SandboxAddresses) -> None:
    answer = scim(at, "/Users", filter='userName sw "l"')
    assert (answer.status, answer.json()["scimType"]) == (400, "invalidFilter")


def test_the_directory_wants_its_token(at: SandboxAddresses, faker_token: str) -> None:
    answer = ask("GET", f"{at.scim}/Users", token=faker_token)
    assert answer.status == 401
    assert answer.json()["schemas"] == ["urn:ietf:params:scim:api:messages:2.0:Error"]


def test_the_directory_cannot_be_written(at: SandboxAddresses) -> None:
    assert ask("POST", f"{at.scim}/Users", token=at.secret("scim-token"), body={}).status == 403
