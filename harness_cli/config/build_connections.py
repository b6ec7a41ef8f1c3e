"""Valid plain data to the sections that name people and systems. Credentials stay references."""

from collections.abc import Mapping
from typing import Any, TypeAlias

from harness_cli.config.model import (
    AssumeRoleCredential,
    AwsConnection,
    BasicCredential,
    CommandRef,
    Connections,
    Credential,
    EnvRef,
    FileRef,
    GithubAppCredential,
    GithubConnection,
    Identity,
    JiraConnection,
    JiraFields,
    OAuthClientCredential,
    Person,
    ProfileCredential,
    Scim,
    SecretRef,
    SlackConnection,
    SlackRotationCredential,
)

Data: TypeAlias = Mapping[str, Any]  # Any: YAML data that the schema has accepted

NO_SECRET = FileRef("")  # stands in for a reference that is wrong or missing; such a file is never loaded
_SECRET_KEYS = frozenset({"env", "file", "command"})


def build_identity(data: Data) -> Identity:
    """`identity:`."""
    scim = data.get("scim")
    return Identity(
        issuer=data.get("issuer", ""),
        client_id=data.get("client_id", ""),
        audience=data.get("audience", ""),
        groups_claim=data.get("groups_claim", "groups"),
        username_claim=data.get("username_claim", "preferred_username"),
        scim=None if scim is None else Scim(scim.get("url", ""), build_secret(scim.get("credential"))),
        roles=dict(data.get("roles", {})),
        local_role=data.get("local_role", ""),
        people=tuple(Person(**{"id": "", **person}) for person in data.get("people", ())),
    )


def build_connections(data: Data) -> Connections:
    """`connections:`."""
    return Connections(
        jira=_jira(data["jira"]) if "jira" in data else None,
        github=_github(data["github"]) if "github" in data else None,
        aws=_aws(data["aws"]) if "aws" in data else None,
        slack=_slack(data["slack"]) if "slack" in data else None,
    )


def build_secret(data: Data | None) -> SecretRef:
    """A reference to one secret."""
    match data:
        case {"env": str(name)}:
            return EnvRef(name)
        case {"file": str(path)}:
            return FileRef(path)
        case {"command": list(argv)}:
            return CommandRef(tuple(argv))
        case _:
            return NO_SECRET


def build_credential(data: Data | None) -> Credential:
    """A credential of any system."""
    if not data or _SECRET_KEYS.intersection(data):
        return build_secret(data)
    match data:
        case {"basic": dict(basic)}:
            return BasicCredential(basic.get("user", ""), build_secret(basic.get("token")))
        case {"oauth_client": dict(client)}:
            return _oauth_client(client)
        case {"github_app": dict(app)}:
            key = build_secret(app.get("private_key"))
            return GithubAppCredential(app.get("app_id", 0), app.get("installation_id", 0), key)
        case {"assume_role": str(arn)}:
            return AssumeRoleCredential(arn)
        case {"profile": str(name)}:
            return ProfileCredential(name)
        case {"slack_rotation": dict(rotation)}:
            secret, token = build_secret(rotation.get("client_secret")), build_secret(rotation.get("refresh_token"))
            return SlackRotationCredential(rotation.get("client_id", ""), secret, token)
        case _:
            return NO_SECRET


def _oauth_client(client: Data) -> OAuthClientCredential:
    return OAuthClientCredential(
        client_id=client.get("client_id", ""),
        client_secret=build_secret(client.get("client_secret")),
        cloud_id=client.get("cloud_id", ""),
        token_url=client.get("token_url", ""),
    )


def _jira(data: Data) -> JiraConnection:
    return JiraConnection(
        url=data.get("url", ""),
        credential=build_credential(data.get("credential")),
        fields=JiraFields(**data.get("fields", {})),
        approved_statuses=tuple(data.get("approved_statuses", ("Approved",))),
        deployment=data.get("deployment", ""),
    )


def _github(data: Data) -> GithubConnection:
    return GithubConnection(data.get("url", ""), build_credential(data.get("credential")))


def _aws(data: Data) -> AwsConnection:
    credential = build_credential(data["credential"]) if "credential" in data else None
    return AwsConnection(credential, data.get("endpoint_url", ""), data.get("credentials_file", ""))


def _slack(data: Data) -> SlackConnection:
    credential = build_credential(data.get("credential"))
    url = data.get("url", SlackConnection(credential).url)
    return SlackConnection(credential, data.get("channel", ""), url)
