"""Acting as a person of the estate from outside: answering the login page, replying in Slack, commenting in Jira."""

import base64
import json
import urllib.error
import urllib.request
from urllib.parse import urlencode

from harness_cli.sandbox.addresses import SandboxAddresses
from harness_cli.sandbox.errors import SandboxError
from harness_cli.sandbox.keys import person_file
from harness_cli.sandbox.model import Estate

SECONDS = 10.0


def approve_device(issuer_url: str, user_code: str, person: str, *, deny: bool = False) -> None:
    """Answer the device page as a person (by handle). Raises: SandboxError."""
    form = {"user_code": user_code, "login": person, "answer": "deny" if deny else "allow"}
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    _post(f"{issuer_url}/device", urlencode(form).encode(), headers, f"the login page refused `{person}`")


def reply_in_slack(addresses: SandboxAddresses, person: str, channel: str, thread_ts: str, text: str) -> str:
    """Reply in a thread as a person; the reply's time stamp. Raises: SandboxError."""
    message = {"channel": channel, "text": text, **({"thread_ts": thread_ts} if thread_ts else {})}
    headers = {"Authorization": f"Bearer {_token(addresses, 'slack', person)}", "Content-Type": "application/json"}
    answer = json.loads(_post(addresses.slack + "chat.postMessage", json.dumps(message).encode(), headers, "no reply"))
    if answer.get("ok") is not True:
        raise SandboxError(f"the chat refused the reply: {answer.get('error')}")
    return str(answer["ts"])


def comment_in_jira(addresses: SandboxAddresses, estate: Estate, person: str, key: str, text: str) -> str:
    """Comment on a ticket as a person; the comment's id. Raises: SandboxError."""
    pair = f"{estate.email(person)}:{_token(addresses, 'jira', person)}"
    basic = base64.b64encode(pair.encode()).decode()
    headers = {"Authorization": f"Basic {basic}", "Content-Type": "application/json"}
    url = f"{addresses.jira}/rest/api/2/issue/{key}/comment"
    answer = json.loads(_post(url, json.dumps({"body": text}).encode(), headers, "the tracker refused the comment"))
    return str(answer["id"])


def _token(addresses: SandboxAddresses, system: str, person: str) -> str:
    try:
        return addresses.secret(person_file(system, person))
    except FileNotFoundError as err:
        raise SandboxError(f"`{person}` is nobody who works here") from err


def _post(url: str, body: bytes, headers: dict[str, str], problem: str) -> bytes:
    request = urllib.request.Request(url, body, headers)  # noqa: S310 - a loopback address of ours
    try:
        with urllib.request.urlopen(request, timeout=SECONDS) as answer:  # noqa: S310 - as above
            return bytes(answer.read())
    except urllib.error.HTTPError as err:
        with err:
            raise SandboxError(f"{problem} ({err.code})") from err
    except OSError as err:
        raise SandboxError(f"{problem}: the stand-in does not answer") from err
