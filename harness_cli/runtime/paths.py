"""Where a project's files are: everything under `.harness/`, relative to the configuration."""

from dataclasses import dataclass
from pathlib import Path

from harness_cli.config.model import Config


@dataclass(frozen=True, slots=True)
class ProjectPaths:
    """The folders of one project."""

    project: Path
    audit: Path

    @property
    def harness(self) -> Path:
        """The folder that holds all state."""
        return self.project / ".harness"

    @property
    def approvals(self) -> Path:
        """Approval requests and decisions."""
        return self.harness / "approvals"

    @property
    def runs(self) -> Path:
        """Stored reports and paused runs."""
        return self.harness / "runs"


def paths_of(config: Config | None, project: Path) -> ProjectPaths:
    """The folders of a project; the default ones where there is no configuration."""
    return paths_in(project, config.audit.directory if config else "")


def paths_in(project: Path, audit: str = "") -> ProjectPaths:
    """The folders of a project whose audit folder is named; empty: the default one."""
    directory = Path(audit or ".harness/audit")
    return ProjectPaths(project, directory if directory.is_absolute() else project / directory)
