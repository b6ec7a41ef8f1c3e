"""What OCSF 1.3 requires of the classes that we write: attributes, labels and constraints, as our own short table."""

from typing import Any

BASE = ("activity_id", "category_uid", "class_uid", "metadata", "severity_id", "time", "type_uid")
REQUIRED = {
    6003: ("actor", "api", "src_endpoint"),
    3003: ("user",),
    2003: ("compliance", "finding_info"),
    2004: ("finding_info",),
}
INNER = {
    "metadata": ("product", "version"),
    "api": ("operation",),
    "http_response": ("code",),
    "compliance": ("standards",),
    "finding_info": ("uid", "title"),
}
AT_LEAST_ONE = {
    "user": ("name", "uid", "account"),
    "actor": ("user", "app_name", "process", "session"),
    "src_endpoint": ("name", "ip", "uid", "hostname"),
    "product": ("name", "uid"),
}
LABELS = {
    "severity_id": ("severity", {1: "Informational", 2: "Low", 3: "Medium", 4: "High", 5: "Critical"}),
    "action_id": ("action", {0: "Unknown", 1: "Allowed", 2: "Denied"}),
    "disposition_id": ("disposition", {0: "Unknown", 1: "Allowed", 2: "Blocked"}),
}
STATUSES = {2: {1: "New", 2: "In Progress", 3: "Suppressed", 4: "Resolved"}}  # by category; else:
OUTCOMES = {0: "Unknown", 1: "Success", 2: "Failure"}
ACTIVITIES = {
    6003: {0: "Unknown", 1: "Create", 2: "Read", 3: "Update", 4: "Delete"},
    3003: {1: "Assign Privileges", 2: "Assign Groups"},
    2003: {1: "Create", 2: "Update", 3: "Close"},
    2004: {1: "Create", 2: "Update", 3: "Close"},
}


def faults(event: dict[str, Any]) -> list[str]:
    """Everything in which an event is not what its class asks for."""
    kind = event["class_uid"]
    found = [f"lacks {name}" for name in (*BASE, *REQUIRED[kind]) if name not in event]
    inner = ((part, name) for part, names in INNER.items() if part in event for name in names)
    found += [f"{part} lacks {name}" for part, name in inner if name not in event[part]]
    if "request" in event.get("api", {}) and not event["api"]["request"].get("uid"):
        found.append("request lacks uid")
    product = {"product": event["metadata"]["product"]}
    for part, names in AT_LEAST_ONE.items():
        value = {**event, **product}.get(part)
        if value is not None and not any(value.get(name) for name in names):
            found.append(f"{part} has none of {names}")
    if kind == 3003 and not (event.get("privileges") or event.get("group")):
        found.append("neither privileges nor group")
    if kind // 1000 != event["category_uid"] or event["type_uid"] != kind * 100 + event["activity_id"]:
        found.append("uids do not agree")
    for name, (label, words) in LABELS.items():
        if name in event and words.get(event[name]) != event[label]:
            found.append(f"{label} is no {event[name]}")
    statuses = STATUSES.get(event["category_uid"], OUTCOMES)
    for name, label, words in (("status_id", "status", statuses), ("activity_id", "activity_name", ACTIVITIES[kind])):
        told = event[label] in words.values() if event[name] == 99 else words.get(event[name]) != event[label]
        if told:  # 99 has a word of the source, every other number its own
            found.append(f"{label} is no {event[name]}")
    if not 10**12 < event["time"] < 10**13:
        found.append("time is not in milliseconds")
    return found
