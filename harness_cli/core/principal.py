"""Who acts: a proven (or merely asserted) person."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Principal:
    """One person as the identity provider knows them; people are compared by (issuer, subject)."""

    issuer: str
    subject: str
    user_name: str
    session: str = ""
    auth_time: int = 0  # seconds since the epoch; 0: unknown
    amr: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    role: str = ""
    proven: bool = False  # False: asserted by the operating system only

    def is_same_person(self, other: "Principal") -> bool:
        """Whether both are one account of one issuer."""
        return (self.issuer, self.subject) == (other.issuer, other.subject)


UNPROVEN = Principal(issuer="", subject="unproven", user_name="unproven")
