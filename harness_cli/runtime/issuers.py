"""From the configuration's credential references to the issuers behind them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from harness_cli.config.model import (
    AssumeRoleCredential,
    BasicCredential,
    Config,
    Credential,
    GithubAppCredential,
    OAuthClientCredential,
    ProfileCredential,
    SlackRotationCredential,
    System,
)
from harness_cli.core.clock import Clock
from harness_cli.core.errors import CredentialError
from harness_cli.credentials.github_app import GithubAppIssuer
from harness_cli.credentials.issuer import Issuer
from harness_cli.credentials.jira_oauth import JiraOAuthIssuer
from harness_cli.credentials.slack_rotation import SlackRotationIssuer
from harness_cli.credentials.sources import SecretSource
from harness_cli.credentials.token import StaticToken
from harness_cli.transport.exchange import Exchange


@dataclass(frozen=True, slots=True)
class IssuerParts:
    """What issuers are made from."""

    config: Config
    exchange: Exchange
    source: SecretSource
    clock: Clock


def http_issuers(parts: IssuerParts) -> Mapping[System, Issuer]:
    """The issuers of the systems that are reached over plain HTTP; a system that is not connected has none.

    Raises: CredentialError for a kind of credential that the system does not take.
    """
    connections = parts.config.connections
    found: dict[System, Issuer] = {}
    if connections.jira is not None:
        found[System.JIRA] = _issuer(parts, System.JIRA, connections.jira.credential)
    if connections.github is not None:
        found[System.GITHUB] = _issuer(parts, System.GITHUB, connections.github.credential)
    if connections.slack is not None:
        found[System.SLACK] = _issuer(parts, System.SLACK, connections.slack.credential)
    return found


def _issuer(parts: IssuerParts, system: System, credential: Credential) -> Issuer:
    connections = parts.config.connections
    shared: dict[str, Any] = {"exchange": parts.exchange, "source": parts.source, "clock": parts.clock}
    match credential:
        case GithubAppCredential() if system is System.GITHUB and connections.github is not None:
            return GithubAppIssuer(credential=credential, api_url=connections.github.url, **shared)
        case OAuthClientCredential() if system is System.JIRA:
            return JiraOAuthIssuer(credential=credential, **shared)
        case SlackRotationCredential() if system is System.SLACK and connections.slack is not None:
            return SlackRotationIssuer(credential=credential, api_url=connections.slack.url, **shared)
        case GithubAppCredential() | OAuthClientCredential() | SlackRotationCredential():
            pass
        case AssumeRoleCredential() | ProfileCredential():
            pass
        case BasicCredential() if system is not System.JIRA:
            pass
        case _:
            return StaticToken(parts.source, credential)
    raise CredentialError(
        f"{system} does not take a credential of this kind",
        help="see `harness init --print-setup`",
        place=parts.config.place("connections", system.value, "credential"),
    )
