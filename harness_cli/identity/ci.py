"""The CI's own OIDC token (GitHub Actions: ACTIONS_ID_TOKEN_REQUEST_URL and _TOKEN)."""

from collections.abc import Mapping

from harness_cli.config.model import Identity
from harness_cli.core.errors import IdentityError
from harness_cli.core.secret import Secret
from harness_cli.transport.exchange import Exchange


def ci_token(exchange: Exchange, environ: Mapping[str, str], identity: Identity) -> Secret:
    """Ask the runner for a token of our audience. Raises IdentityError, ConnectorError."""
    url, bearer = environ.get("ACTIONS_ID_TOKEN_REQUEST_URL", ""), environ.get("ACTIONS_ID_TOKEN_REQUEST_TOKEN", "")
    if not url or not bearer:
        raise IdentityError(
            "this job may not ask for an identity token",
            code="C010",
            help="give the job `permissions: {id-token: write}` (GitHub Actions)",
        )
    query = {"audience": identity.audience or identity.client_id}
    answer = exchange.get(url, headers={"Authorization": f"Bearer {bearer}"}, query=query)
    value = answer.body.get("value")
    if answer.status != 200 or not isinstance(value, str):
        raise IdentityError(f"the runner gave no identity token (status {answer.status})", code="C010")
    return Secret(value)
