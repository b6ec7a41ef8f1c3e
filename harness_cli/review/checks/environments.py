"""Which environment a name, a path or an account stands for, by the configuration alone."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from harness_cli.config.model import Config, EnvironmentMap
from harness_cli.review.checks.path_patterns import path_matches

_SPELLINGS: Final = {
    "production": "prod",
    "prd": "prod",
    "live": "prod",
    "development": "dev",
    "stage": "staging",
    "stg": "staging",
    "testing": "test",
}


@dataclass(frozen=True, slots=True)
class Environments:
    """The configured environments; `mapped` is `review.environments`, `names` has those with a gate too."""

    mapped: Mapping[str, EnvironmentMap]
    names: frozenset[str]

    def named(self, text: str) -> str:
        """The environment that a name means (`Production` → `prod`); empty where it means none."""
        folded = text.strip().casefold()
        by_fold = {name.casefold(): name for name in self.names}
        if folded in by_fold:
            return by_fold[folded]
        canon = _SPELLINGS.get(folded, folded)
        return next((name for fold, name in by_fold.items() if _SPELLINGS.get(fold, fold) == canon), "")

    def inside(self, text: str) -> str:
        """The environment that a longer name holds as a word (`deploy-prod-eu`); empty where none, or two."""
        found = {name for word in re.split(r"[^A-Za-z0-9]+", text) if word and (name := self.named(word))}
        return found.pop() if len(found) == 1 else ""

    def of_path(self, path: str) -> frozenset[str]:
        """The environments whose patterns cover a path."""
        return frozenset(
            name for name, part in self.mapped.items() if any(path_matches(pattern, path) for pattern in part.paths)
        )

    def of_account(self, account: str) -> frozenset[str]:
        """The environments that an account belongs to."""
        return frozenset(name for name, part in self.mapped.items() if account in part.accounts)


def environments_of(config: Config) -> Environments:
    """The environments of a configuration."""
    mapped = config.review.environments
    return Environments(mapped, frozenset({*mapped, *config.policy_engine.environment_gates}))
