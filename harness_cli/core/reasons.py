"""Why something could not be evaluated (review.md §1)."""

from enum import StrEnum


class Reason(StrEnum):
    """The closed list of reasons behind NOT_EVALUATED."""

    ACCESS_DENIED = "access_denied"
    UNSUPPORTED_API = "unsupported_api"
    THROTTLED = "throttled"
    EXCEPTION = "exception"
    MISSING_MAPPING = "missing_mapping"
    TRUNCATED = "truncated"
    NOT_CONFIGURED = "not_configured"
    NOT_GRANTED = "not_granted"
