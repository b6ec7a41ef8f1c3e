"""The tree of a change as an inline picture of three columns, and as a list where that has no room."""

from dataclasses import dataclass
from typing import Final

from harness_cli.guard.encode import for_html
from harness_cli.render.report_map import Node
from harness_cli.render.report_parts import SEVERITIES, middle, some_of

WIDTH: Final = 1040
_HEIGHT: Final = 40  # of a box
_GAP: Final = 6
_COLUMNS: Final = ((0, 190), (250, 270), (580, 460))  # left edge and width by depth
_TALL: Final = 760  # what is taller is a list on paper: a picture that has to shrink cannot be read
_CHARACTER: Final = 7.2  # about one letter at this size


@dataclass(frozen=True, slots=True)
class Box:
    """A node with its place."""

    node: Node
    depth: int
    top: float
    parent: "Box | None" = None

    @property
    def middle(self) -> float:
        """Where lines meet the box."""
        return self.top + _HEIGHT / 2


def map_svg(root: Node) -> str:
    """The picture; says in words, for those who do not see it, what the root's verdict is."""
    boxes = _placed(root)
    height = max(box.top for box in boxes) + _HEIGHT + 2
    lines = "".join(_line(box) for box in boxes)
    drawn = "".join(_drawn(box) for box in boxes)
    label = for_html(f"{root.label}: {root.verdict or 'nothing was said'}; {len(boxes) - 1} things below it")
    size = f'viewBox="-1 0 {WIDTH + 2} {height:g}" width="{WIDTH}" height="{height:g}"'
    picture = f'<svg {size} role="img" aria-label="{label}">{lines}{drawn}</svg>'
    return f'<div class="picture{" tall" if height > _TALL else ""}">{picture}</div>'


def map_list(root: Node) -> str:
    """The same tree as a list, for screens that are too narrow for the picture."""
    return f'<ul class="map">{_item(root)}</ul>'


def _item(node: Node) -> str:
    said = for_html(node.verdict or "nothing was said")
    word = f'<span class="chip {said}">{said}</span>' if node.verdict in SEVERITIES else f"<small>{said}</small>"
    checks = f" <small>{for_html(', '.join(node.checks))}</small>" if node.checks else ""
    below = "".join(_item(child) for child in node.children)
    return f"<li>{for_html(node.label)} {word}{checks}{f'<ul>{below}</ul>' if below else ''}</li>"


def _placed(root: Node) -> list[Box]:
    """Leaves from top to bottom; each parent beside the middle of its children."""
    boxes: list[Box] = []
    below = 1.0
    tops: list[float] = []
    for child in root.children:
        leaves = child.children
        first = below
        own = first + (max(len(leaves), 1) - 1) * (_HEIGHT + _GAP) / 2
        box = Box(child, 1, own, None)
        tops.append(own)
        boxes.append(box)
        boxes += [Box(leaf, 2, first + number * (_HEIGHT + _GAP), box) for number, leaf in enumerate(leaves)]
        below = first + max(len(leaves), 1) * (_HEIGHT + _GAP) + _GAP
    top = Box(root, 0, (tops[0] + tops[-1]) / 2 if tops else 1.0)
    return [top, *(_under(box, top) for box in boxes)]


def _under(box: Box, top: Box) -> Box:
    return box if box.parent else Box(box.node, box.depth, box.top, top)


def _line(box: Box) -> str:
    if box.parent is None:
        return ""
    left, width = _COLUMNS[box.parent.depth]
    start, end = left + width, _COLUMNS[box.depth][0]
    half = (start + end) / 2
    here, there = f"{box.parent.middle:g}", f"{box.middle:g}"
    return f'<path d="M{start} {here}C{half:g} {here} {half:g} {there} {end} {there}"/>'


def _drawn(box: Box) -> str:
    node = box.node
    left, width = _COLUMNS[box.depth]
    room = int((width - 20) / _CHARACTER)
    verdict = node.verdict if node.verdict in {*SEVERITIES, "passed"} else "odd"
    said = node.verdict or "nothing was said"
    word = " · ".join(filter(None, (said, some_of(node.checks, room - len(said) - 3))))
    return (
        f'<g class="{verdict}"><title>{for_html(node.label)}</title>'
        f'<rect x="{left}" y="{box.top:g}" width="{width}" height="{_HEIGHT}" rx="6"/>'
        f'<text x="{left + 10}" y="{box.top + 17:g}">{for_html(middle(node.label, room))}</text>'
        f'<text class="word" x="{left + 10}" y="{box.top + 32:g}">{for_html(word)}</text></g>'
    )
