"""Which names of variables speak of a secret (LAM-03)."""

import pytest

from harness_cli.review.checks.aws.functions import _looks_secret

SECRET = [
    "DB_PASSWORD", "DB_PASS", "DBPASSWORD", "dbPassword", "PASSWORD", "MYSQL_PWD", "API_KEY", "APIKEY",
    "STRIPE_API_KEY", "GITHUB_TOKEN", "authToken", "CLIENT_SECRET", "SECRET_KEY", "ENCRYPTION_KEY", "SIGNING_KEY",
    "PRIVATE_KEY", "AWS_SECRET_ACCESS_KEY", "SLACK_BOT_TOKEN", "KEY_PASSPHRASE", "DB_CREDENTIALS", "JWT_SECRET",
    "SECRETS",
]  # fmt: skip
PLAIN = [
    "LOG_LEVEL", "MAX_TOKENS", "TOKENIZER_MODEL", "PASSWORD_MIN_LENGTH", "DB_PASSWORD_SECRET_ARN", "SECRET_NAME",
    "TOKEN_URL", "TOKEN_TTL", "COMPASS_HOST", "PASSTHROUGH", "KEYBOARD", "MONKEY", "BYPASS_CACHE", "KMS_KEY_ID",
    "PUBLIC_KEY", "TABLE_NAME", "STAGE", "SECRETARY",
]  # fmt: skip


@pytest.mark.parametrize("name", SECRET)
def test_a_name_of_a_secret(name: str) -> None:
    assert _looks_secret(name)


@pytest.mark.parametrize("name", PLAIN)
def test_a_name_of_something_else(name: str) -> None:
    assert not _looks_secret(name)
