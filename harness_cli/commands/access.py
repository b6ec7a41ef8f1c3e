"""Who read the audit trail, where the configuration asks for it: one small trace for each reading."""

from pathlib import Path


def note_access(option: Path | None, reading: str, trace_id: str = "") -> None:
    """Write an `audit.accessed` event, sealed in a trace of its own, if `audit.log_access` is set.

    `reading` is the command (`trace:show`); without a trace id the whole folder was read. Best effort: what cannot be
    written (a copy on a read-only disk, no signing key here) is said on stderr, and the reading goes on.
    """
    import os

    from harness_cli.config.discover import find_config
    from harness_cli.config.load import load_config
    from harness_cli.core.errors import ConfigError, HarnessError

    path = find_config(option, os.environ, Path.cwd())
    if path is None:
        return
    try:
        config = load_config(path)
    except ConfigError:
        return  # the reader was told already, and what it asks for cannot be known
    if not config.audit.log_access:
        return
    from harness_cli.render.messages import say
    from harness_cli.runtime.audit_folder import write_access

    try:
        write_access(config, reading, trace_id)
    except HarnessError as err:
        say(f"this reading is not recorded: {err.message}")
