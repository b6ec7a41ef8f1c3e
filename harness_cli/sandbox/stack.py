"""All stand-ins of one folder, started together or found running.

Ordered contract: one process serves a folder (a file lock says which); ports, keys, tokens and what was posted are
taken up again; the address of every stand-in is loopback; nothing answers before the state that it needs is on disk.
"""

import contextlib
import json
import os
import secrets
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any

from harness_cli.sandbox.addresses import SandboxAddresses
from harness_cli.sandbox.aws import AwsAccount, import_shared, require_extra
from harness_cli.sandbox.errors import SandboxError
from harness_cli.sandbox.estate import load_estate
from harness_cli.sandbox.faults import Faults
from harness_cli.sandbox.github.site import GithubSite
from harness_cli.sandbox.httpd import StandInServer
from harness_cli.sandbox.jira.site import JiraSite
from harness_cli.sandbox.keys import Keys, desk_credentials, prepare_keys
from harness_cli.sandbox.model import Estate
from harness_cli.sandbox.oidc import HEALTH, IdentityProvider
from harness_cli.sandbox.slack import SlackSite
from harness_cli.sandbox.state import SandboxState, read_document

FOLDER = "sandbox"
HEALTH_SECONDS = 1.0
START_SECONDS = 30.0


class SandboxStack:
    """Running stand-ins; leave the `with` block or call `stop` to end those that this process started."""

    def __init__(
        self, addresses: SandboxAddresses, stop: Callable[[], None], wait: Callable[[], None], *, attached: bool
    ) -> None:
        self.addresses = addresses
        self.is_attached = attached
        self._stop = stop
        self._wait = wait

    @classmethod
    def start(
        cls, folder: Path, estate: Estate | None = None, faults: Faults | None = None, *, wait: bool = True
    ) -> "SandboxStack":
        """Start every stand-in for `folder` (usually `.harness`), its state in `folder/sandbox`.

        With `wait` False the AWS stand-in may still be building its account; its requests wait until it is done.
        Raises: SandboxError, EstateError.
        """
        state = SandboxState(folder / FOLDER)
        if not state.hold():
            raise SandboxError("another process serves this sandbox folder", place=str(folder / FOLDER))
        shown = load_estate() if estate is None else estate
        try:
            running = _Running(state, shown, faults or Faults())
        except BaseException:
            state.release()
            raise
        stack = cls(running.addresses, running.stop, running.account.wait, attached=False)
        if wait:
            stack.wait()
        return stack

    @classmethod
    def attach_or_start(
        cls, folder: Path, estate: Estate | None = None, faults: Faults | None = None, *, wait: bool = True
    ) -> "SandboxStack":
        """The stand-ins that already serve `folder`, or new ones. Raises: SandboxError, EstateError."""
        shown = load_estate() if estate is None else estate
        ends = time.monotonic() + START_SECONDS
        while time.monotonic() < ends:
            found = _find(folder / FOLDER, shown)
            if found is not None:
                return cls(found, _nothing, _nothing, attached=True)
            if not _is_held(folder / FOLDER):
                with contextlib.suppress(SandboxError):
                    return cls.start(folder, shown, faults, wait=wait)
            time.sleep(0.1)
        raise SandboxError("another process holds this sandbox folder, but its stand-ins do not answer")

    def wait(self) -> None:
        """Return when every stand-in is ready. Raises: SandboxError, EstateError."""
        try:
            self._wait()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """End the stand-ins that this process started; may be called twice."""
        self._stop()

    def __enter__(self) -> "SandboxStack":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


class _Running:
    """The servers and threads behind a stack that this process started."""

    def __init__(self, state: SandboxState, estate: Estate, faults: Faults) -> None:
        require_extra()
        import_shared()
        self._state = state
        self.account = AwsAccount(estate.aws, *desk_credentials(state))
        self._loader = threading.Thread(target=self.account.load, name="sandbox-aws-load", daemon=True)
        self._loader.start()
        keys = prepare_keys(state, estate)
        self._sites = _sites(state, estate, keys)
        ports = state.read(lambda doc: dict(doc["ports"]))
        applications: dict[str, Any] = {**self._sites, "aws": self.account}  # Any: each a callable
        self._servers = {
            name: StandInServer(name, application, faults, ports.get(name, 0))
            for name, application in applications.items()
        }
        for name, site in self._sites.items():
            site.url = self._servers[name].url
        self._announce(estate)
        for server in self._servers.values():
            server.start()
        self.addresses = _addresses(state.folder, estate, {name: server.url for name, server in self._servers.items()})

    def _announce(self, estate: Estate) -> None:
        ports = {name: server.port for name, server in self._servers.items()}

        def write(document: dict[str, Any]) -> None:  # Any: the state's JSON
            document |= {"ports": ports, "pid": os.getpid(), "nonce": secrets.token_hex(16), "estate": estate.sha256}

        self._state.change(write)

    def stop(self) -> None:
        for server in self._servers.values():
            server.stop()
        self._loader.join(timeout=START_SECONDS)
        self._state.release()


def _sites(state: SandboxState, estate: Estate, keys: Keys) -> dict[str, Any]:  # Any: each has `url` and is a callable
    return {
        "github": GithubSite(estate, state, keys.github_app),
        "jira": JiraSite(estate, state, keys.jira_client),
        "slack": SlackSite(estate, state, keys.slack_client),
        "oidc": IdentityProvider(estate, state, keys.oidc),
    }


def _addresses(folder: Path, estate: Estate, urls: dict[str, str]) -> SandboxAddresses:
    return SandboxAddresses(
        folder=folder.resolve(),
        github=urls["github"],
        jira=urls["jira"],
        slack=urls["slack"] + "/api/",
        issuer=urls["oidc"],
        scim=urls["oidc"] + "/scim/v2",
        aws=urls["aws"],
        account=estate.aws.account,
        region=estate.aws.region,
        role=estate.aws.role,
        client_id=estate.client_id,
        requester=estate.email(estate.requester),
        estate_sha256=estate.sha256,
    )


def _find(folder: Path, estate: Estate) -> SandboxAddresses | None:
    """The addresses of the stand-ins that serve a folder now. Raises: SandboxError for those of another estate."""
    if not (folder / "state.json").exists():
        return None
    document = read_document(folder)
    ports = document["ports"]
    if "oidc" not in ports:
        return None
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{ports['oidc']}{HEALTH}", timeout=HEALTH_SECONDS) as answer:
            health = json.loads(answer.read(4096))
    except (OSError, ValueError, urllib.error.URLError):
        return None
    if not isinstance(health, dict) or health.get("nonce") != document["nonce"]:
        return None
    if health.get("estate") != estate.sha256:
        raise SandboxError("a sandbox with another estate runs in this folder", help="stop it, or use another folder")
    return _addresses(folder, estate, {name: f"http://127.0.0.1:{port}" for name, port in ports.items()})


def _is_held(folder: Path) -> bool:
    state = SandboxState(folder)
    if state.hold():
        state.release()
        return False
    return True


def _nothing() -> None:
    """Stand-ins that another process started are left alone."""
