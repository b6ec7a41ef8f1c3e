"""Where the stand-ins are and which files hold what a client needs; the secrets themselves stay in the files."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

PEM, JIRA_SECRET, SLACK_SECRET, SLACK_REFRESH = (
    "github-app.pem",
    "jira-client-secret",
    "slack-client-secret",
    "slack-refresh",
)
SCIM_TOKEN, AWS_CREDENTIALS = "scim-token", "aws-credentials"
GITHUB_TOKEN, GITHUB_CLASSIC, JIRA_TOKEN, SLACK_TOKEN = (
    "github-token",
    "github-classic-token",
    "jira-token",
    "slack-token",
)


@dataclass(frozen=True, slots=True)
class SandboxAddresses:
    """The addresses of running stand-ins; `folder` holds their secret files (0600)."""

    folder: Path
    github: str
    jira: str
    slack: str  # ends with /api/
    issuer: str
    scim: str
    aws: str
    account: str
    region: str
    role: str
    client_id: str
    requester: str  # the userName of who asks by default
    estate_sha256: str

    def secret_file(self, name: str) -> Path:
        """The file of one secret."""
        return self.folder / name

    def secret(self, name: str) -> str:
        """The content of one secret file."""
        return self.secret_file(name).read_text()

    def aws_environment(self) -> Mapping[str, str]:
        """What the AWS credential chain needs in a process that talks to this stand-in."""
        return {
            "AWS_SHARED_CREDENTIALS_FILE": str(self.secret_file(AWS_CREDENTIALS)),
            "AWS_EC2_METADATA_DISABLED": "true",
        }

    def as_json(self) -> dict[str, str]:
        """The one line that `harness sandbox` prints; no secret in it."""
        return {key: str(value) for key, value in asdict(self).items()}
