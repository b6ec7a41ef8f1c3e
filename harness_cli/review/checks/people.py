"""One person across systems, by `identity.people` alone: no mapping, no guess."""

from dataclasses import dataclass

from harness_cli.config.model import Config, Person
from harness_cli.core.principal import Principal


@dataclass(frozen=True, slots=True)
class People:
    """The configured people; all comparisons fold case. Entries with one id are one person with several accounts."""

    listed: tuple[Person, ...]

    def by_jira(self, account_id: str) -> Person | None:
        """The person of a Jira account."""
        return self._find("jira", account_id)

    def by_github(self, login: str) -> Person | None:
        """The person of a GitHub login."""
        return self._find("github", login)

    def of(self, requester: Principal) -> Person | None:
        """The person who asks."""
        return self._find("id", requester.user_name)

    def behind(self, login: str) -> str:
        """Who a GitHub login is, for comparisons: the person where one is mapped, else the account."""
        person = self.by_github(login)
        return f"person {person.id.casefold()}" if person else login.casefold()

    def has_login(self, person: Person) -> bool:
        """Whether any entry of a person names a GitHub login."""
        return any(p.github for p in self.listed if p.id.casefold() == person.id.casefold())

    def _find(self, system: str, value: str) -> Person | None:
        wanted = value.casefold()
        return next((p for p in self.listed if wanted and getattr(p, system).casefold() == wanted), None)


def people_of(config: Config) -> People:
    """The people of a configuration."""
    return People(config.identity.people if config.identity else ())
