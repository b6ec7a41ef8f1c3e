"""Which process writes: what the first line of each of its turns says."""

import os
import platform
from pathlib import Path

from harness_cli import __version__
from harness_cli.core.canonical import Json

BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


def whereabouts() -> dict[str, Json]:
    """This process: program, host, process id, boot."""
    try:
        boot = BOOT_ID.read_text().strip()
    except OSError:
        boot = ""
    return {"harness": __version__, "host": platform.node(), "pid": os.getpid(), "bootId": boot}
