"""H044: roles that give more than they say."""

from collections.abc import Iterator, Mapping

from harness_cli.config.document import Mapping as MappingNode
from harness_cli.config.model import Role
from harness_cli.core.diagnostic import Severity
from harness_cli.lint.rule import Found, Rule
from harness_cli.lint.subject import Subject


def check(subject: Subject) -> Iterator[Found]:
    """Inheritance, and the roles that the identity section hands out."""
    if not subject.is_sound("roles"):
        return
    yield from _inheritance(subject, subject.config.roles or {})
    if subject.is_sound("identity"):
        yield from _handed_out(subject)


def _inheritance(subject: Subject, roles: Mapping[str, Role]) -> Iterator[Found]:
    restricted = frozenset(subject.config.policy_engine.restricted_data_classes)
    for name, role in roles.items():
        own = subject.written_clearance(name)
        for index, parent in enumerate(role.inherits):
            span = subject.value("roles", name, "inherits", index)
            if parent not in roles:
                yield Found(span, f"role `{parent}` does not exist", "declare it under `roles`")
            elif _leads_to(parent, name, roles):
                yield Found(span, f"role `{name}` inherits from itself", "break the cycle")
            elif gained := sorted((frozenset(roles[parent].clearance) & restricted) - own):
                message = f"`{name}` gains {', '.join(gained)} by inheriting from `{parent}`"
                yield Found(span, message, "write the classes into its own `clearance`, or do not inherit")


def _leads_to(start: str, goal: str, roles: Mapping[str, Role]) -> bool:
    seen: set[str] = set()
    waiting = [start]
    while waiting:
        name = waiting.pop()
        if name == goal:
            return True
        if name not in seen and name in roles:
            seen.add(name)
            waiting += roles[name].inherits
    return False


def _handed_out(subject: Subject) -> Iterator[Found]:
    identity = subject.config.identity
    if identity is None:
        return
    node = subject.node("identity", "roles")
    for entry in node.entries if isinstance(node, MappingNode) else ():
        role = identity.roles.get(entry.key.raw, "")
        if role not in subject.role_names:
            yield _no_role(subject, role, ("identity", "roles", entry.key.raw))
    if identity.local_role and identity.local_role not in subject.role_names:
        yield _no_role(subject, identity.local_role, ("identity", "local_role"))
    elif gained := _unproven(subject, identity.local_role):
        message = f"local_role `{identity.local_role}` lets people who are not proven read {', '.join(gained)}"
        yield Found(subject.value("identity", "local_role"), message, "name a role without restricted classes")


def _unproven(subject: Subject, name: str) -> list[str]:
    restricted = frozenset(subject.config.policy_engine.restricted_data_classes)
    roles = subject.config.roles
    if not name:
        return []
    if roles is None:
        return sorted(restricted) if name == "security-admin" else []
    return sorted(restricted & frozenset(roles[name].clearance))


def _no_role(subject: Subject, role: str, path: tuple[str, ...]) -> Found:
    near = subject.suggestion(role, subject.role_names)
    label = f"did you mean `{near}`?" if near else ""
    return Found(subject.value(*path), f"role `{role}` does not exist", "declare it under `roles`", label)


RULE = Rule(
    code="H044",
    severity=Severity.ERROR,
    title="role escalation or cycle",
    why="A role that inherits more than it says, that is given to people who are not proven, or that does not exist, "
    "hands out what nobody has agreed to.",
    mend="write each role's clearance out, and give restricted classes only to proven people",
    check=check,
)
