"""The secrets of a sandbox: made once for a folder, held in 0600 files, known to the stand-ins by their hashes."""

import configparser
import secrets
import string
import time
from dataclasses import dataclass
from typing import Any

from harness_cli.sandbox import addresses as names
from harness_cli.sandbox.model import Estate
from harness_cli.sandbox.state import SandboxState, fingerprint, new_token

_READABLE = "metadata contents pull_requests checks statuses actions security_events deployments members administration"
READ_PERMISSIONS = dict.fromkeys(_READABLE.split(), "read")
CLASSIC_SCOPES = ("repo", "read:org")


@dataclass(frozen=True, slots=True)
class Keys:
    """What the stand-ins themselves need to know."""

    oidc: str
    github_app: str
    jira_client: str
    slack_client: str

    def __repr__(self) -> str:
        return "Keys(***)"


def prepare_keys(state: SandboxState, estate: Estate) -> Keys:
    """Make what is missing, and remember what each token may do."""
    keys = Keys(
        oidc=state.secret("oidc.pem", _rsa_key),
        github_app=state.secret(names.PEM, _rsa_key),
        jira_client=state.secret(names.JIRA_SECRET, secrets.token_urlsafe),
        slack_client=state.secret(names.SLACK_SECRET, secrets.token_urlsafe),
    )
    grants = _standing_grants(state, estate)

    def remember(document: dict[str, Any]) -> None:  # Any: the state's JSON
        now = time.time()
        kept = {k: g for k, g in document["tokens"].items() if g["ends"] is None or g["ends"] > now}
        document["tokens"] = {**kept, **grants}

    state.change(remember)
    _prepare_refresh(state)
    return keys


def _standing_grants(state: SandboxState, estate: Estate) -> dict[str, dict[str, Any]]:
    """The tokens that never expire: what an engineer would hold, and one a person for the chat and the tracker."""
    grants: dict[str, dict[str, Any]] = {}

    def add(system: str, name: str, prefix: str, grant: dict[str, Any]) -> None:
        token = state.secret(name, lambda: new_token(prefix))
        grants[fingerprint(system, token)] = {**grant, "ends": None}

    asker = estate.requester
    fine = {"kind": "fine-grained", "person": asker, "permissions": READ_PERMISSIONS}
    add("github", names.GITHUB_TOKEN, "github" + "_pat_", fine)
    add(
        "github",
        names.GITHUB_CLASSIC,
        "gh" + "p_",
        {"kind": "classic", "person": asker, "scopes": list(CLASSIC_SCOPES)},
    )
    add("jira", names.JIRA_TOKEN, "ATA" + "TT", {"kind": "basic", "person": asker})
    add(
        "jira",
        names.JIRA_TOKEN + "-read",
        "ATA" + "TT",
        {"kind": "basic", "person": asker, "scopes": ["read:jira-work", "read:jira-user"]},
    )
    add("jira", names.JIRA_TOKEN + "-dc", "", {"kind": "pat", "person": asker})
    add("slack", names.SLACK_TOKEN, "xox" + "b-", {"kind": "bot", "person": "", "scopes": list(estate.slack.scopes)})
    add("slack", names.SLACK_TOKEN + "-read", "xox" + "b-", {"kind": "bot", "person": "", "scopes": ["channels:read"]})
    add("scim", names.SCIM_TOKEN, "scim-", {"kind": "directory"})
    for handle, who in estate.people.items():
        if who.active:
            add("jira", person_file("jira", handle), "ATA" + "TT", {"kind": "basic", "person": handle})
            user = {"kind": "user", "person": handle, "scopes": ["chat:write", "channels:read", "channels:history"]}
            add("slack", person_file("slack", handle), "xox" + "p-", user)
    return grants


def person_file(system: str, handle: str) -> str:
    """The file of a person's own token for a system (tests and `sandbox` commands speak for people with it)."""
    return f"{system}-token-of-{handle}"


def _prepare_refresh(state: SandboxState) -> None:
    """A refresh token is good once and its file belongs to the client; replace one that leads nowhere."""
    token = state.secret(names.SLACK_REFRESH, lambda: new_token("xoxe-1-"))
    if state.grant("slack", token) is None:
        state.issue("slack", token, {"kind": "refresh"}, None)


def desk_credentials(state: SandboxState) -> tuple[str, str]:
    """The access key of the credential chain; its file is an AWS credentials file."""
    text = state.secret(names.AWS_CREDENTIALS, _credentials_file)
    parser = configparser.ConfigParser()
    parser.read_string(text)
    section = parser["default"]
    return section["aws_access_key_id"], section["aws_secret_access_key"]


def _credentials_file() -> str:
    key = "AK" + "IA" + "".join(secrets.choice(string.ascii_uppercase + "234567") for _ in range(16))
    return f"[default]\naws_access_key_id = {key}\naws_secret_access_key = {secrets.token_hex(20)}\n"


def _rsa_key() -> str:
    from cryptography.hazmat.primitives.asymmetric import rsa
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
