"""The second picture, read like a score: a line for each event, a column for each service, discs speak and rings hear."""

from __future__ import annotations

from collections.abc import Iterator

from sikua_chassis.flow import Flow
from sikua_contracts.envelope import Said

from tools.event_flow import svg, tables
from tools.event_flow.names import BESIDE_ALL, COLUMNS, SERVICES, TOPICS, event_name

LABELS, COLUMN, LINE, BAND, TOP = 356, 118, 28, 42, 128
ORDER = (*(service for column in COLUMNS for service in column), BESIDE_ALL)
WIDTH = LABELS + COLUMN * len(ORDER) + 16


def draw(flows: tables.Flows) -> str:
    """The whole picture as SVG; its height follows from how much is said."""
    said = tables.said(flows)
    lines = sum(len(events) for events in said.values())
    height = TOP + len(said) * BAND + lines * LINE + 24
    colours = [colour for _, colour in TOPICS.values()]
    shapes = [*_columns(height), *_heading(), *_bands(flows)]
    return svg.document(WIDTH, height, "谁说、谁听 · who says and who hears", colours, shapes)


def _middle(service: str) -> int:
    return LABELS + ORDER.index(service) * COLUMN + COLUMN // 2


def _columns(height: int) -> Iterator[str]:
    for number, service in enumerate(ORDER):
        chinese, english = SERVICES[service]
        middle = _middle(service)
        fill = "#f5f7fa" if number % 2 == 0 else svg.PAPER
        yield svg.box(middle - COLUMN // 2, 62, COLUMN, height - 78, fill=fill, edge=fill, radius=8)
        yield svg.words(middle, 90, chinese, size=17, bold=True)
        yield svg.words(middle, 110, english, size=13, colour=svg.SOFT)


def _heading() -> Iterator[str]:
    yield svg.words(24, 40, "谁说、谁听 · Who says, who hears", size=24, bold=True, at="start")
    yield svg.disc(30, 84, svg.INK)
    yield svg.words(46, 89, "说 says", at="start")
    yield svg.disc(120, 84, svg.INK, ring=True)
    yield svg.words(136, 89, "听 hears", at="start")
    yield svg.words(24, 114, "类型 type: cn.sikua.<…>.v1", size=13, colour=svg.SOFT, at="start")


def _bands(flows: tables.Flows) -> Iterator[str]:
    y = TOP
    for topic, events in tables.said(flows).items():
        (chinese, english), colour = TOPICS[topic]
        yield svg.box(16, y + 6, WIDTH - 32, BAND - 14, fill=colour, edge=colour, radius=6)
        yield svg.words(28, y + 26, f"{chinese} {english}", size=16, colour="#ffffff", bold=True, at="start")
        yield svg.words(LABELS - 12, y + 26, topic, size=14, colour="#ffffff", at="end")
        y += BAND
        for event in events:
            yield from _line(flows, event, y + LINE // 2, colour)
            y += LINE


def _line(flows: tables.Flows, event: type[Said], y: int, colour: str) -> Iterator[str]:
    chinese, english = event_name(event.type)
    speak, hear = tables.speakers(flows, event), tables.hearers(flows, event)
    places = [_middle(service) for service in [*speak, *hear]]
    yield svg.words(28, y + 5, chinese, size=15, at="start")
    yield svg.words(LABELS - 12, y + 5, english, size=14, colour=svg.SOFT, at="end")
    yield svg.way([(min(places), y), (max(places), y)], colour, wide=2, ends=False)
    for service in hear:
        yield svg.disc(_middle(service), y, colour, ring=True, tip=f"{service}: {handler(flows[service], event)}")
    for service in speak:
        yield svg.disc(_middle(service), y, colour, tip=f"{service} 说 says {event.type}")


def handler(flow: Flow, event: type[Said]) -> str:
    """`facts.handlers.enrich`: the function behind an event heard, within its package."""
    return function(flow.by_type[event.type].handle)


def function(made: object) -> str:
    """A function's place within its package and its name."""
    module = getattr(made, "__module__", "").partition(".")[2]
    return f"{module}.{getattr(made, '__name__', '')}".strip(".")
