from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from harness_cli.config.model import IdentityBinding
from harness_cli.core.clock import FixedClock
from harness_cli.core.errors import IdentityError
from harness_cli.core.secret import Secret
from harness_cli.identity.device import Tokens
from harness_cli.identity.prove import Prover, is_fresh, role_of
from harness_cli.identity.session_store import SessionStore
from harness_cli.transport.exchange import Answer
from tests.simulators.configs import config
from tests.simulators.issuer import ISSUER, IssuerSimulator, User

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


@pytest.fixture
def issuer(faker_token):
    return IssuerSimulator(faker_token, [User("u1", "ana@acme.example", groups=("infra-reviewers",))])


def prover(issuer, tmp_path, binding=IdentityBinding.SSO_SCIM, environ=None, **changes):
    return Prover(
        config=config(binding, **changes),
        exchange=issuer,
        store=SessionStore(tmp_path),
        profile="default",
        clock=FixedClock(NOW),
        environ=environ or {},
        secret=lambda _: Secret(issuer.scim_token),
    )


def logged_in(prover, token, refresh=None):
    prover.store.save("default", ISSUER, Tokens(token, refresh))
    return prover


def test_a_login_and_the_directory_prove_a_person_with_a_role(issuer, tmp_path):
    person = logged_in(prover(issuer, tmp_path), issuer.token(NOW)).requester("prod")
    assert (person.user_name, person.subject, person.role, person.proven) == (
        "ana@acme.example",
        "sub-ana",
        "engineer",
        True,
    )
    assert person.groups == ("infra-reviewers",)


def test_a_leaver_is_refused_although_the_token_is_valid(issuer, tmp_path):
    issuer.users[0].active = False
    with pytest.raises(IdentityError, match="not active"):
        logged_in(prover(issuer, tmp_path), issuer.token(NOW)).requester("dev")


@pytest.mark.parametrize("users", [[], [User("1", "ana@acme.example"), User("2", "ANA@acme.example")]])
def test_the_directory_must_know_exactly_one(issuer, tmp_path, users):
    issuer.users = users
    with pytest.raises(IdentityError, match="the directory has"):
        logged_in(prover(issuer, tmp_path), issuer.token(NOW)).requester("dev")


def test_groups_come_from_the_directory_and_not_from_the_token(issuer, tmp_path):
    token = issuer.token(NOW, groups=["security-admins"])
    assert logged_in(prover(issuer, tmp_path), token).requester("dev").role == "engineer"


def test_a_person_without_a_mapped_group_has_no_role(issuer, tmp_path):
    issuer.users[0].groups = ("guests",)
    with pytest.raises(IdentityError, match=r"has no role here \(groups: guests\)"):
        logged_in(prover(issuer, tmp_path), issuer.token(NOW)).requester("dev")


def test_a_refused_directory_proves_nobody(issuer, tmp_path):
    made = logged_in(prover(issuer, tmp_path), issuer.token(NOW))
    issuer.scim_token += "x"
    wrong = replace(made, secret=lambda _: Secret("wrong"))
    with pytest.raises(IdentityError, match="refused to list Users"):
        wrong.requester("dev")


FORGED = {
    "wrong issuer": {"iss": "https://evil.example"},
    "wrong audience": {"aud": "other-client"},
    "several audiences without azp": {"aud": ["harness-cli", "other"]},
    "azp of another client": {"azp": "other-client"},
    "expired": {"exp": int((NOW - timedelta(minutes=2)).timestamp())},
    "issued in the future": {"iat": int((NOW + timedelta(minutes=5)).timestamp())},
    "not valid yet": {"nbf": int((NOW + timedelta(minutes=5)).timestamp())},
    "without a subject": {"sub": None},
    "without an end": {"exp": None},
    "end as text": {"exp": "tomorrow"},
    "without a name": {"preferred_username": None},
    "signed by a stranger": {"key": "stranger"},
    "with an unknown key": {"kid": "k9"},
}


@pytest.mark.parametrize("forgery", FORGED.values(), ids=FORGED.keys())
def test_a_forged_or_stale_token_proves_nobody(issuer, tmp_path, forgery):
    made = prover(issuer, tmp_path)
    with pytest.raises(IdentityError):
        made.person_of(issuer.token(NOW, **forgery))


@pytest.mark.parametrize("algorithm", ["none", "HS256"])
def test_unsigned_and_symmetric_tokens_prove_nobody(issuer, tmp_path, algorithm):
    import jwt

    now = int(NOW.timestamp())
    body = {"iss": ISSUER, "aud": "harness-cli", "sub": "x", "iat": now, "exp": now + 60, "preferred_username": "x"}
    key = None if algorithm == "none" else "k" * 32
    forged = Secret(jwt.encode(body, key, algorithm=algorithm, headers={"kid": "k1"}))
    with pytest.raises(IdentityError):
        prover(issuer, tmp_path).person_of(forged)


def test_a_rotated_key_is_fetched_once_more(issuer, tmp_path):
    issuer.published = {"k2": "second"}
    assert prover(issuer, tmp_path).person_of(issuer.token(NOW, key="second", kid="k2")).proven


def test_an_unverified_address_is_no_name(issuer, tmp_path):
    made = prover(issuer, tmp_path)
    identity = replace(made.config.identity, username_claim="email")
    made = replace(made, config=replace(made.config, identity=identity))
    with pytest.raises(IdentityError, match="not verified"):
        made.person_of(issuer.token(NOW, email="ana@acme.example"))
    assert made.person_of(issuer.token(NOW, email="ana@acme.example", email_verified=True)).user_name


def test_nobody_logged_in_names_the_command(issuer, tmp_path):
    with pytest.raises(IdentityError, match="nobody is logged in") as caught:
        prover(issuer, tmp_path).requester("dev")
    assert "harness login" in caught.value.help


def test_an_expired_session_is_refreshed_and_kept(issuer, tmp_path, faker_token):
    made = logged_in(prover(issuer, tmp_path), issuer.token(NOW - timedelta(hours=1)), Secret(faker_token))
    fresh = issuer.token(NOW)
    issuer.token_answers = [Answer(200, {"id_token": fresh.reveal()})]
    assert made.requester("dev").user_name == "ana@acme.example"
    kept = made.store.load("default", ISSUER)
    assert (kept.id_token.reveal(), kept.refresh_token.reveal()) == (fresh.reveal(), faker_token)


def test_an_expired_session_that_cannot_be_refreshed_ends(issuer, tmp_path, faker_token):
    made = logged_in(prover(issuer, tmp_path), issuer.token(NOW - timedelta(hours=1)), Secret(faker_token))
    issuer.token_answers = [Answer(400, {"error": "invalid_grant"})]
    with pytest.raises(IdentityError, match="has expired"):
        made.requester("dev")


def test_local_identity_is_asserted_and_serves_development_only(issuer, tmp_path):
    made = prover(issuer, tmp_path, IdentityBinding.LOCAL, identity=None)
    person = made.requester("dev")
    assert (person.proven, person.role, person.issuer) == (False, "engineer", "local")
    for env in ("prod", "staging", "unknown"):
        with pytest.raises(IdentityError, match="proves nobody"):
            made.requester(env)


def test_without_identity_nobody_can_be_proven(issuer, tmp_path):
    with pytest.raises(IdentityError, match="`identity` is not configured") as caught:
        prover(issuer, tmp_path, identity=None).requester("dev")
    assert "identity.issuer" in caught.value.help


CI = {"ACTIONS_ID_TOKEN_REQUEST_URL": "https://runner.example/token", "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "x"}
CI_CLAIMS = {"repository": "acme/infra", "ref": "refs/heads/main", "workflow": "review", "actor": "ana-gh"}


def test_a_ci_job_is_proven_by_its_own_token(issuer, tmp_path):
    made = prover(issuer, tmp_path, IdentityBinding.CI_OIDC, environ=CI)
    identity = replace(made.config.identity, roles={"repository:acme/infra": "engineer"})
    made = replace(made, config=replace(made.config, identity=identity))
    token = issuer.token(NOW, **CI_CLAIMS)
    made.exchange.get = _runner(issuer.get, Answer(200, {"value": token.reveal()}))
    person = made.requester("dev")
    assert person.user_name == "acme/infra:refs/heads/main:review:ana-gh"
    assert "workflow:review" in person.groups


def _runner(inner, answer):
    def get(url, *, headers=None, query=None):
        return answer if url == CI["ACTIONS_ID_TOKEN_REQUEST_URL"] else inner(url, headers=headers, query=query)

    return get


def test_a_ci_job_without_the_permission_is_told_which(issuer, tmp_path):
    with pytest.raises(IdentityError) as caught:
        prover(issuer, tmp_path, IdentityBinding.CI_OIDC).requester("dev")
    assert "id-token: write" in caught.value.help


def test_sso_takes_groups_from_the_token(issuer, tmp_path):
    made = logged_in(prover(issuer, tmp_path, IdentityBinding.SSO), issuer.token(NOW, groups=["security-admins"]))
    assert made.requester("dev").role == "security-admin"


@pytest.mark.parametrize(("age", "fresh"), [(0, True), (899, True), (901, False), (-120, False)])
def test_a_fresh_login_is_at_most_fifteen_minutes_old(issuer, tmp_path, age, fresh):
    when = int(NOW.timestamp()) - age
    person = prover(issuer, tmp_path).person_of(issuer.token(NOW, auth_time=when))
    assert is_fresh(person, NOW) is fresh


def test_a_login_of_unknown_age_is_never_fresh(issuer, tmp_path):
    assert not is_fresh(prover(issuer, tmp_path).person_of(issuer.token(NOW, auth_time=None)), NOW)


def test_the_first_mapping_of_the_file_gives_the_role():
    roles = {"a": "engineer", "b": "security-admin"}
    assert (role_of(("b", "a"), roles), role_of(("b",), roles), role_of(("c",), roles)) == (
        "engineer",
        "security-admin",
        "",
    )


def test_another_issuer_behind_the_address_is_refused(issuer, tmp_path):
    issuer.discovery = {"issuer": "https://evil.example"}
    with pytest.raises(IdentityError, match="does not answer as the issuer"):
        prover(issuer, tmp_path).person_of(issuer.token(NOW))


@pytest.mark.parametrize("name", ['x" or active eq true or userName eq "y', "a\\b", "a\nb", ""])
def test_scim_filter_injection_is_refused(issuer, tmp_path, name):
    made = prover(issuer, tmp_path)
    with pytest.raises(IdentityError):
        made.person_of(issuer.token(NOW, preferred_username=name))
    assert not any("/scim/" in url for _, url, _ in issuer.requests)
