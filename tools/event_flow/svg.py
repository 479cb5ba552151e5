"""A few shapes of SVG as text; whole numbers only, so that a drawing is the same on every machine."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

INK = "#1f2933"
SOFT = "#52606d"
PAPER = "#ffffff"
FONT = "'Noto Sans CJK SC','Noto Sans SC','PingFang SC','Microsoft YaHei','Segoe UI',Arial,sans-serif"


def document(width: int, height: int, title: str, colours: Iterable[str], shapes: Iterable[str]) -> str:
    """A drawing on white paper, so that it can be read on dark pages too; one arrow head for each colour."""
    heads = "".join(_head(colour) for colour in [*colours, SOFT])
    body = "\n".join(shapes)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        f'font-family="{FONT}" role="img">\n<title>{escape(title)}</title>\n<defs>{heads}</defs>\n'
        f"{box(0, 0, width, height, fill=PAPER, edge=PAPER, radius=12)}\n{body}\n</svg>\n"
    )


def box(
    x: int, y: int, width: int, height: int, *, fill: str, edge: str, radius: int = 10, dashed: bool = False
) -> str:
    """A rounded rectangle."""
    dash = ' stroke-dasharray="5 4"' if dashed else ""
    return (
        f'<rect x="{x}" y="{y}" width="{width}" height="{height}" rx="{radius}" fill="{fill}" stroke="{edge}" '
        f'stroke-width="2"{dash}/>'
    )


def words(
    x: int, y: int, text: str, *, size: int = 14, colour: str = INK, bold: bool = False, at: str = "middle"
) -> str:
    """One line of text; `at` is start, middle or end."""
    weight = ' font-weight="700"' if bold else ""
    return f'<text x="{x}" y="{y}" font-size="{size}" fill="{colour}" text-anchor="{at}"{weight}>{escape(text)}</text>'


def way(points: Iterable[tuple[int, int]], colour: str, *, wide: int = 4, halo: bool = False, ends: bool = True) -> str:
    """A line through points with rounded corners, an arrow at its end; a halo lets it pass over another line."""
    road = _rounded(list(points))
    head = f' marker-end="url(#{_name(colour)})"' if ends else ""
    drawn = f'<path d="{road}" fill="none" stroke="{colour}" stroke-width="{wide}"{head}/>'
    under = f'<path d="{road}" fill="none" stroke="{PAPER}" stroke-width="{wide + 10}"/>\n' if halo else ""
    return under + drawn


def disc(x: int, y: int, colour: str, *, radius: int = 7, ring: bool = False, tip: str = "") -> str:
    """A filled disc, or a ring; `tip` shows under the pointer."""
    fill = PAPER if ring else colour
    title = f"<title>{escape(tip)}</title>" if tip else ""
    return f'<circle cx="{x}" cy="{y}" r="{radius}" fill="{fill}" stroke="{colour}" stroke-width="3">{title}</circle>'


def _name(colour: str) -> str:
    return f"head-{colour.lstrip('#')}"


def _head(colour: str) -> str:
    return (
        f'<marker id="{_name(colour)}" viewBox="0 0 10 10" refX="8" refY="5" markerWidth="14" markerHeight="14" '
        f'markerUnits="userSpaceOnUse" orient="auto"><path d="M0 0L10 5L0 10z" fill="{colour}"/></marker>'
    )


def _rounded(points: list[tuple[int, int]], radius: int = 14) -> str:
    road = f"M{points[0][0]} {points[0][1]}"
    for before, corner, after in zip(points, points[1:], points[2:], strict=False):
        (ax, ay), (bx, by) = _towards(corner, before, radius), _towards(corner, after, radius)
        road += f"L{ax} {ay}Q{corner[0]} {corner[1]} {bx} {by}"
    return f"{road}L{points[-1][0]} {points[-1][1]}"


def _towards(start: tuple[int, int], end: tuple[int, int], distance: int) -> tuple[int, int]:
    """A point on the upright or level line from start to end, at most half the way."""

    def step(a: int, b: int) -> int:
        return a + max(-distance, min(distance, int((b - a) / 2)))

    return step(start[0], end[0]), step(start[1], end[1])
