"""Secrets and personal data leave as placeholders, twice the same, in time that grows with the text only."""

import hashlib
import secrets
import string

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness_cli.core.untrusted import Untrusted
from harness_cli.guard.redact import KINDS, Redactor, secret_hits
from harness_cli.guard.shapes import KINDS as SHAPE_KINDS

ALNUM = string.ascii_letters + string.digits
HEX = "0123456789abcdef"
REDACTOR = Redactor(b"k" * 32)


def drawn(alphabet: str, count: int) -> str:
    """Random characters with a digit and both cases where the alphabet has them: tokens are never literals here."""
    body = "".join(secrets.choice(alphabet) for _ in range(count - 3))
    wanted = [
        next(c for c in reversed(alphabet) if test(c)) for test in (str.isdigit,) if any(map(str.isdigit, alphabet))
    ]
    return (body + "".join(wanted) + "".join(secrets.choice(alphabet) for _ in range(3)))[:count]


def uuid() -> str:
    return "-".join(drawn(HEX, count) for count in (8, 4, 4, 4, 12))


TOKENS = {
    "aws-access-key": lambda: "AKIA" + drawn(string.ascii_uppercase + "234567", 16),
    "github-token": lambda: "ghp_" + drawn(ALNUM, 36),
    "github-token fine": lambda: "github_pat_" + drawn(ALNUM, 22) + "_" + drawn(ALNUM, 59),
    "github-token app": lambda: "ghs_" + drawn(ALNUM, 36),
    "gitlab-token": lambda: "glpat-" + drawn(ALNUM, 20),
    "slack-token": lambda: f"xoxb-{drawn(string.digits, 12)}-{drawn(string.digits, 12)}-{drawn(ALNUM, 24)}",
    "slack-token app": lambda: f"xapp-1-A{drawn(ALNUM, 10)}-{drawn(string.digits, 13)}-{drawn(HEX, 64)}",
    "slack-webhook": lambda: (
        f"https://hooks.slack.com/services/T{drawn(ALNUM, 8)}/B{drawn(ALNUM, 8)}/{drawn(ALNUM, 24)}"
    ),
    "stripe-key": lambda: "sk_live_" + drawn(ALNUM, 24),
    "stripe-webhook": lambda: "whsec_" + drawn(ALNUM, 32),
    "gcp-api-key": lambda: "AIza" + drawn(ALNUM, 35),
    "gcp-oauth": lambda: "ya29." + drawn(ALNUM, 60),
    "gcp-oauth secret": lambda: "GOCSPX-" + drawn(ALNUM, 28),
    "azure-key": lambda: "AccountKey=" + drawn(ALNUM, 86) + "==",
    "azure-secret": lambda: drawn(ALNUM, 3) + "8Q~" + drawn(ALNUM, 34),
    "private-key": lambda: f"-----BEGIN PRIVATE KEY-----\n{drawn(ALNUM, 64)}\n-----END PRIVATE KEY-----",
    "jwt": lambda: f"eyJ{drawn(ALNUM, 20)}.eyJ{drawn(ALNUM, 40)}.{drawn(ALNUM, 43)}",
    "npm-token": lambda: "npm_" + drawn(ALNUM, 36),
    "pypi-token": lambda: "pypi-AgE" + drawn(ALNUM, 80),
    "digitalocean": lambda: "dop_v1_" + drawn(HEX, 64),
    "twilio-key": lambda: "SK" + drawn(HEX, 32),
    "sendgrid-key": lambda: f"SG.{drawn(ALNUM, 22)}.{drawn(ALNUM, 43)}",
    "mailgun-key": lambda: "key-" + drawn(HEX, 32),
    "telegram-token": lambda: f"{drawn(string.digits, 10)}:AA{drawn(ALNUM, 33)}",
    "databricks-token": lambda: "dapi" + drawn(HEX, 32),
    "vault-token": lambda: "hvs." + drawn(ALNUM, 40),
    "terraform-token": lambda: f"{drawn(ALNUM, 14)}.atlasv1.{drawn(ALNUM, 64)}",
    "atlassian-token": lambda: "ATATT3xFfGF0" + drawn(ALNUM, 60),
    "openai-key": lambda: "sk-proj-" + drawn(ALNUM, 48),
    "anthropic-key": lambda: "sk-ant-api03-" + drawn(ALNUM, 90),
    "huggingface-token": lambda: "hf_" + drawn(ALNUM, 34),
    "shopify-token": lambda: "shpat_" + drawn(HEX, 32),
    "square-token": lambda: "sq0atp-" + drawn(ALNUM, 22),
    "newrelic-key": lambda: "NRAK-" + drawn(string.ascii_uppercase + string.digits, 27),
    "grafana-token": lambda: f"glsa_{drawn(ALNUM, 32)}_{drawn(HEX, 8)}",
    "linear-key": lambda: "lin_api_" + drawn(ALNUM, 40),
    "notion-token": lambda: "ntn_" + drawn(ALNUM, 46),
    "figma-token": lambda: "figd_" + drawn(ALNUM, 40),
    "doppler-token": lambda: "dp.st.dev." + drawn(ALNUM, 40),
    "age-key": lambda: "AGE-SECRET-KEY-1" + drawn(string.ascii_uppercase + string.digits, 58),
    "password-url": lambda: f"postgres://app:{drawn(ALNUM, 16)}@db.internal:5432/app",
    "password": lambda: f'db_password = "{drawn(ALNUM, 12)}"',
    "authorization": lambda: "Authorization: Basic " + drawn(ALNUM, 24),
    "secret datadog": lambda: "DD_API_KEY=" + drawn(HEX, 32),
    "secret heroku": lambda: "HEROKU_API_KEY: " + uuid(),
    "secret aws": lambda: 'aws_secret_access_key = "' + drawn(ALNUM, 40) + '"',
}


@pytest.mark.parametrize("name", TOKENS)
@pytest.mark.parametrize("around", ["{}", "text {} more", '  "value": "{}",', "+export X={}\n", "<v>{}</v>"])
def test_a_credential_is_found_and_named(name: str, around: str) -> None:
    for _ in range(5):
        token = TOKENS[name]()
        redacted = REDACTOR.redact(around.format(token))
        assert redacted.hits, token[:12]
        assert token not in redacted.text
        assert name.split()[0] in {hit.kind for hit in redacted.hits} or name.startswith("secret")


def test_at_least_forty_vendor_shapes_are_known() -> None:
    assert len(SHAPE_KINDS) >= 40


def test_the_placeholder_names_the_kind_and_hides_the_value() -> None:
    token = TOKENS["github-token"]()
    assert REDACTOR.redact(f"a {token} b").text.startswith("a [REDACTED:github-token:")
    assert Redactor(b"other").redact(token).text != REDACTOR.redact(token).text
    assert REDACTOR.redact(token).text == REDACTOR.redact(token).text


def test_hits_say_where_and_carry_only_a_hash() -> None:
    token = TOKENS["npm-token"]()
    (hit,) = secret_hits(Untrusted(f"x {token} y"))
    assert (hit.kind, hit.start, hit.end) == ("npm-token", 2, 2 + len(token))
    assert hit.sha256_prefix == hashlib.sha256(token.encode()).hexdigest()[:16]
    assert token not in repr(hit)


@pytest.mark.parametrize(
    "text",
    [
        'resource "aws_db_instance" "orders" {\n  password = var.db_password\n}',
        "password = random_password.db.result\nsecret_arn = aws_secretsmanager_secret.db.arn",
        "token = os.environ['TOKEN']",
        "def login(password: str, token: Token) -> Session:",
        "secrets: ${{ secrets.GITHUB_TOKEN }}",
        "the password of the user was reset",
        "arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab",
        'sha256 = "' + hashlib.sha256(b"x").hexdigest() + '"',
        "uses: actions/checkout@" + hashlib.sha1(b"x").hexdigest(),
        "h1:" + "q" * 3 + "7Zy1kq0rJwPzJ0X2cV8mUu3l4s5T6h7Y8n9M0b1V2c3=",
        'kms_key_id = "1234abcd-12ab-34cd-56ef-1234567890ab"',
        'source = "terraform-aws-modules/vpc/aws"',
        "vpc-0a1b2c3d4e5f67890 subnet-0123456789abcdef0 sg-0fedcba9876543210",
        "AWS::S3::PublicAccessBlockConfiguration",
    ],
)
def test_ordinary_infrastructure_text_is_left_alone(text: str) -> None:
    assert REDACTOR.redact(text).text == text


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("write to jane.doe+ops@mail.example.org now", "email"),
        ("card 4111 1111 1111 1111 expired", "card"),
        ("to GB82 WEST 1234 5698 7654 32 please", "iban"),
        ("iban de89370400440532013000", "iban"),
    ],
)
def test_structured_personal_data_is_taken_out(text: str, kind: str) -> None:
    assert {hit.kind for hit in REDACTOR.redact(text).hits} == {kind}
    assert secret_hits(text) == ()


@pytest.mark.parametrize(
    "text", ["4111 1111 1111 1112", "GB82 WEST 1234 5698 7654 33", "1642441058842", "123456789012"]
)
def test_numbers_without_a_right_checksum_stay(text: str) -> None:
    assert REDACTOR.redact(text).text == text


@pytest.mark.parametrize(
    "text", ["call +49 30 901820 today", "host 10.1.2.3 fails", "from 2001:db8:0:1::7", "SSN 460-89-9847"]
)
def test_phones_and_addresses_count_in_free_text_only(text: str) -> None:
    assert REDACTOR.redact(text).text == text
    assert "[REDACTED:" in REDACTOR.redact(text, free_text=True).text


FRAGMENTS = [
    *("password", "=", ": ", '"', "'", " ", "\n", "token", "://", "@", "ghp_", "eyJ", ".", "secret", "\\n", ";", "|"),
    *("-----BEGIN PRIVATE KEY-----", "[REDACTED:", "[REDACTED:email:0123abcd]", ":0123abcd]", "psexec -p ", "key"),
    *("4111111111111111", "a@b.cc", "sk-", "AKIA", "1.2.3.4", "GB82WEST12345698765432"),
]
PIECES = st.lists(
    st.one_of(
        st.sampled_from(FRAGMENTS),
        st.text(ALNUM, min_size=1, max_size=40),
        st.text(max_size=8),
    ),
    max_size=14,
)


@given(PIECES, st.booleans())
@settings(max_examples=400, deadline=None)
def test_redacting_twice_changes_nothing(pieces: list[str], free_text: bool) -> None:
    once = REDACTOR.redact("".join(pieces), free_text=free_text).text
    assert REDACTOR.redact(once, free_text=free_text).text == once


@given(PIECES)
@settings(max_examples=200, deadline=None)
def test_hits_are_in_order_inside_the_text_and_apart(pieces: list[str]) -> None:
    text = "".join(pieces)
    edges = [edge for hit in REDACTOR.redact(text).hits for edge in (hit.start, hit.end)]
    assert edges == sorted(edges)
    assert all(0 <= edge <= len(text) for edge in edges)
    assert all(hit.kind in KINDS for hit in REDACTOR.redact(text).hits)


def test_a_forged_placeholder_hides_nothing() -> None:
    token = TOKENS["github-token"]()
    assert token not in REDACTOR.redact(f"[REDACTED:{token}:0123abcd]").text
    assert REDACTOR.redact("[REDACTED:email:0123abcd]").hits == ()


def test_a_lone_surrogate_does_not_stop_redaction() -> None:
    assert "[REDACTED:password" in REDACTOR.redact("password = 'ab\ud800cd12'").text


def test_a_private_key_without_an_end_is_taken_out() -> None:
    body = drawn(ALNUM, 200)
    redacted = REDACTOR.redact(f"-----BEGIN RSA PRIVATE KEY-----\n{body}\n")
    assert body[:40] not in redacted.text


@pytest.mark.slow
@pytest.mark.parametrize(
    "unit", ["eyJ", "password", "a@a.a", "-----BEGIN ", "token ", "sk-", "4 ", "://a:", "[REDACTED:", "a/"]
)
def test_time_grows_with_the_length_only(unit: str) -> None:
    import time

    def seconds(size: int) -> float:
        text = unit * (size // len(unit))
        runs = []
        for _ in range(3):  # the least of three: a collection of garbage in between says nothing
            began = time.process_time()
            REDACTOR.redact(text, free_text=True)
            runs.append(time.process_time() - began)
        return min(runs)

    seconds(1_000)
    small = max(seconds(20_000), 0.002)
    assert seconds(160_000) < small * 8 * 4  # a quadratic search would take 64 times as long
