"""Where a secret is fetched from: the environment, a file, a command. Never from the configuration itself."""

import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import assert_never

from harness_cli.config.model import CommandRef, EnvRef, FileRef, SecretRef
from harness_cli.core.errors import CredentialError
from harness_cli.core.secret import Secret

COMMAND_SECONDS = 20
LARGEST = 64 * 1024


@dataclass(frozen=True, slots=True)
class SecretSource:
    """Resolves references; relative files start from the configuration's folder."""

    folder: Path
    environ: Mapping[str, str]
    told: Callable[[Secret], None] | None = None  # who has to know every secret that is fetched (the scrubber)

    def fetch(self, ref: SecretRef) -> Secret:
        """The secret behind a reference. Raises CredentialError (missing, empty, failing command)."""
        match ref:
            case EnvRef(name):
                value, origin = self.environ.get(name, ""), f"environment variable {name}"
            case FileRef(path):
                value, origin = self._read(path), f"file {path}"
            case CommandRef(argv):
                value, origin = _run(argv), f"command {argv[0]}"
            case _:
                assert_never(ref)
        value = value.rstrip("\r\n")
        if not value:
            raise CredentialError(f"{origin} holds no credential", code="C021", help=f"set the {origin} and try again")
        secret = Secret(value)
        if self.told is not None:
            self.told(secret)
        return secret

    def path_of(self, ref: FileRef) -> Path:
        """The file that a reference names."""
        path = Path(ref.path).expanduser()
        return path if path.is_absolute() else self.folder / path

    def _read(self, text: str) -> str:
        path = self.path_of(FileRef(text))
        try:
            with path.open("rb") as file:
                content = file.read(LARGEST + 1)
            if len(content) > LARGEST:
                raise CredentialError(f"file {text} is too large for a credential", code="C021")
            return content.decode()
        except (OSError, UnicodeDecodeError) as err:
            why = err.strerror if isinstance(err, OSError) and err.strerror else "not text"
            raise CredentialError(
                f"file {text} cannot be read ({why})", code="C021", help="check the path and who may read it"
            ) from err


def _run(argv: tuple[str, ...]) -> str:
    try:
        done = subprocess.run(  # noqa: S603 - the owner of the configuration names the command; no shell is involved
            argv, capture_output=True, timeout=COMMAND_SECONDS, check=False, stdin=subprocess.DEVNULL
        )
    except (OSError, subprocess.TimeoutExpired) as err:
        raise CredentialError(
            f"command {argv[0]} did not give a credential ({type(err).__name__})", code="C022", help="run it by hand"
        ) from None  # the exception would show the whole command line
    if done.returncode:
        raise CredentialError(
            f"command {argv[0]} ended with {done.returncode} and gave no credential", code="C022", help="run it by hand"
        )
    return done.stdout.decode(errors="replace")
