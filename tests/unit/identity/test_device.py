import pytest

from harness_cli.core.errors import IdentityError
from harness_cli.core.secret import Secret
from harness_cli.identity import device, oidc
from harness_cli.transport.exchange import Answer
from tests.simulators.issuer import CLIENT, ISSUER, IssuerSimulator

STARTED = {"user_code": "ABCD-EFGH", "verification_uri": f"{ISSUER}/device", "device_code": "d", "interval": 5}
PENDING = Answer(400, {"error": "authorization_pending"})
DONE = Answer(200, {"id_token": "i", "refresh_token": "r"})


@pytest.fixture
def issuer(faker_token):
    return IssuerSimulator(faker_token)


@pytest.fixture
def provider(issuer):
    return oidc.discover(issuer, ISSUER)


def start(issuer, provider, **more):
    issuer.token_answers.append(Answer(200, {**STARTED, "expires_in": 60, **more}))
    return device.start(issuer, provider, CLIENT)


def test_a_code_is_shown_and_the_answer_awaited(issuer, provider):
    code = start(issuer, provider)
    issuer.token_answers += [PENDING, Answer(400, {"error": "slow_down"}), DONE]
    slept = []
    tokens = device.wait(issuer, provider, CLIENT, code, slept.append)
    assert (code.user_code, tokens.id_token.reveal(), tokens.refresh_token.reveal()) == ("ABCD-EFGH", "i", "r")
    assert slept == [5, 10]


def test_a_denied_login_ends(issuer, provider):
    code = start(issuer, provider)
    issuer.token_answers.append(Answer(400, {"error": "access_denied"}))
    with pytest.raises(IdentityError, match="access_denied"):
        device.wait(issuer, provider, CLIENT, code, lambda _: None)


def test_nobody_answering_ends_in_time(issuer, provider):
    code = start(issuer, provider, expires_in=12)
    issuer.token_answers += [PENDING] * 5
    with pytest.raises(IdentityError, match="nobody answered"):
        device.wait(issuer, provider, CLIENT, code, lambda _: None)


def test_an_issuer_without_the_flow_says_so(issuer):
    issuer.discovery = {"device_authorization_endpoint": ""}
    with pytest.raises(IdentityError, match="no device flow"):
        device.start(issuer, oidc.discover(issuer, ISSUER), CLIENT)


@pytest.mark.parametrize("body", [{}, {"user_code": 1}, {"error": "<script>"}])
def test_a_broken_start_is_refused_without_quoting_it(issuer, provider, body):
    issuer.token_answers.append(Answer(400, body))
    with pytest.raises(IdentityError, match=r"refused a login \(status 400\)"):
        device.start(issuer, provider, CLIENT)


def test_logout_revokes_where_the_issuer_can(issuer, provider):
    issuer.token_answers.append(Answer(200, {}))
    assert device.revoke(issuer, provider, CLIENT, Secret("r")) is True
    assert issuer.requests[-1] == (
        "POST",
        f"{ISSUER}/revoke",
        {"token": "r", "token_type_hint": "refresh_token", "client_id": CLIENT},
    )


def test_a_token_answer_without_an_id_token_is_refused():
    with pytest.raises(IdentityError, match="no ID token"):
        device.tokens_of({"access_token": "a"})
