"""Path patterns: `*` within a folder, `**` over folders. Linear in the path, no regex: patterns come from outside."""

from functools import lru_cache

from harness_cli.review.evaluators.iam_document import matches as _wild

_SEGMENTS = 64  # deeper patterns match nothing


def path_matches(pattern: str, path: str) -> bool:
    """Whether a whole path is covered: `envs/prod/**` covers everything below the folder."""
    return segments_match(tuple(pattern.strip("/").split("/")), tuple(path.strip("/").split("/")))


def segments_match(pattern: tuple[str, ...], path: tuple[str, ...]) -> bool:
    """Whether pattern segments cover exactly the path's segments; `**` stands for any number of them."""
    if len(pattern) > _SEGMENTS:
        return False
    reach = {0}  # how many segments of the path the pattern may have used up so far
    for part in pattern:
        if part == "**":
            reach = set(range(min(reach), len(path) + 1)) if reach else reach
        else:
            reach = {at + 1 for at in reach if at < len(path) and _part_matches(part, path[at])}
    return len(path) in reach


@lru_cache(maxsize=8192)
def _part_matches(part: str, text: str) -> bool:
    return _wild(part, text)
