"""Which configuration file counts; nothing is inherited from parent folders or the home folder."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

FILE_NAME: Final = "agent-harness-config.yaml"
VARIABLE: Final = "HARNESS_CONFIG"


def find_config(option: Path | None, environ: Mapping[str, str], cwd: Path) -> Path | None:
    """`--config`, then HARNESS_CONFIG, then the file in the current folder; None where there is none.

    A file that was named is returned whether it is there or not, so that its absence is an error and not a surprise.
    """
    if option is not None:
        return option
    named = environ.get(VARIABLE, "")
    if named:
        return Path(named)
    here = cwd / FILE_NAME
    if not here.exists():
        return None
    return Path(FILE_NAME) if cwd == Path.cwd() else here
