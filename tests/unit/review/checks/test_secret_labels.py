"""GH-25 on labelled lines: what is a secret, and what only looks like one.

Values are drawn at run time, the same ones each time: no file holds what a scanner would take for a secret.
"""

import base64
import random
import string

import pytest

from tests.simulators.case_builder import case, changed, known, only, pull, word

_ALL = string.ascii_letters + string.digits
_BASE32 = string.ascii_uppercase + "234567"
_DRAW = random.Random(25)


@pytest.fixture(autouse=True)
def _same_draw():
    """Whatever order the tests run in."""
    _DRAW.seed(25)


def drawn(length: int, alphabet: str = _ALL) -> str:
    """Letters at random that begin with one of each class, so that no draw looks like a word."""
    head = "q7X" if alphabet == _ALL else ""
    return head + "".join(_DRAW.choice(alphabet) for _ in range(length - len(head)))


def pem(kind: str) -> str:
    lines = "\n".join(drawn(64) for _ in range(5))
    return f"-----BEGIN {kind}-----\n{lines}\n-----END {kind}-----"


SECRETS = {
    "AWS key id": lambda: "AKIA" + drawn(16, _BASE32),
    "AWS secret key in Terraform": lambda: f'secret_key = "{drawn(40)}"',
    "AWS secret key in a shell": lambda: f"export AWS_SECRET_ACCESS_KEY={drawn(40)}",
    "GitHub token": lambda: f"token: ghp_{drawn(36)}",
    "GitHub fine-grained token": lambda: f"github_pat_{drawn(22)}_{drawn(59)}",
    "GitLab token": lambda: f"glpat-{drawn(20)}",
    "Slack token": lambda: f"xoxb-{drawn(12, '123456789')}-{drawn(12, '123456789')}-{drawn(24)}",
    "Stripe key": lambda: f"sk_live_{drawn(24)}",
    "npm token": lambda: f"//registry.npmjs.org/:_authToken=npm_{drawn(36)}",
    "RSA key": lambda: pem("RSA PRIVATE KEY"),
    "OpenSSH key": lambda: pem("OPENSSH PRIVATE KEY"),
    "PKCS8 key": lambda: pem("PRIVATE KEY"),
    "PostgreSQL address": lambda: f"postgres://app:{drawn(16)}@db.internal:5432/app",
    "Redis address": lambda: f"redis://:{drawn(20)}@cache:6379/0",
    "JDBC address": lambda: f"jdbc:mysql://db:3306/app?user=root&password={drawn(14)}",
    "ADO connection string": lambda: f"Server=db;Database=x;User Id=sa;Password={drawn(14)};",
    "Terraform password": lambda: f'  master_password = "{drawn(14)}"',
    "default of a Terraform variable": lambda: (
        f'variable "db_password" {{\n  type    = string\n  default = "{drawn(16)}"\n}}'
    ),
    "CloudFormation password": lambda: f"      MasterUserPassword: {drawn(14)}",
    "JSON password": lambda: f'  "dbPassword": "{drawn(14)}",',
    "weak password": lambda: f'db_password = "Winter{_DRAW.randrange(2000, 2900)}!"',
    "Dockerfile": lambda: f"ENV API_KEY={drawn(32)}",
    "bearer": lambda: f'curl -H "Authorization: Bearer {drawn(40)}" https://x',
    "curl": lambda: f"curl -u admin:{drawn(14)} https://x",
    "mysql": lambda: f"mysql -uroot -p{drawn(14)} app",
    "Azure storage key": lambda: f"AccountKey={base64.b64encode(_DRAW.randbytes(64)).decode()}",
}

NONE = [
    "password = var.db_password",
    "password = random_password.db.result",
    'password = "${var.db_password}"',
    "password = data.aws_secretsmanager_secret_version.db.secret_string",
    "password = null",
    'variable "db_password" {\n  type = string\n  sensitive = true\n}',
    'variable "db_secret_name" {\n  default = "prod/db/password"\n}',
    'variable "db_password" {\n  default = "changeme"\n}',
    "MasterUserPassword: !Ref DBPassword",
    'MasterUserPassword: "{{resolve:secretsmanager:prod/db:SecretString:password}}"',
    "password: ${{ secrets.DB_PASSWORD }}",
    "PASSWORD=$DB_PASSWORD",
    'password = "changeme"',
    'password = "REPLACE_ME"',
    'password = "<your-password>"',
    'password = "xxxxxxxxxxxx"',
    'password = "example-password"',
    '"password": "string",',
    "AKIA" + "IOSFODNN7EXAMPLE",  # the key of AWS's documentation
    "postgres://user:password@localhost/db",
    "postgres://${user}:${password}@host/db",
    'secret_arn = "arn:aws:secretsmanager:us-east-1:123456789012:secret:prod/db-AbCdEf"',
    "passwordSecretRef: db-credentials",
    'password_policy = "AtLeast14Chars"',
    "manage_master_user_password = true",
    "-----BEGIN PUBLIC KEY-----",
    "mysql -uroot -p$MYSQL_PASSWORD app",
    "uses: actions/checkout@" + _DRAW.randbytes(20).hex(),
    "image: app@sha256:" + _DRAW.randbytes(32).hex(),
]


def change(text: str, sign: str = "+"):
    lines = text.split("\n")
    patch = "\n".join(["@@ -1,9 +1,9 @@", *(sign + line for line in lines), " context"])
    return case(pull=pull(files=known((changed("live/main.tf", patch),))))


@pytest.mark.parametrize("made", SECRETS.values(), ids=SECRETS)
def test_an_added_secret_fails_and_is_not_shown(made):
    text = made()
    finding = only("GH-25", change(text))
    assert finding.status == "FAIL"
    assert not [
        part for part in text.split() if len(part) > 16 and any(map(str.isdigit, part)) and part in repr(finding)
    ]


@pytest.mark.parametrize("made", SECRETS.values(), ids=SECRETS)
def test_a_removed_secret_is_none(made):
    assert word("GH-25", change(made(), "-")) == "PASS"


@pytest.mark.parametrize("text", NONE, ids=range(len(NONE)))
def test_a_stand_in_or_a_reference_is_no_secret(text):
    assert word("GH-25", change(text)) == "PASS", text
