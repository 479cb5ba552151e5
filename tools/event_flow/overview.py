"""The first picture: seven services from left to right, the topics between them, and who hears a topic."""

from __future__ import annotations

from collections.abc import Iterator

from sikua_chassis.flow import Flow

from tools.event_flow import lanes, svg, tables
from tools.event_flow.names import BESIDE_ALL, COLUMNS, OUTSIDE, SERVICES, TOPICS
from tools.event_flow.places import (
    BAR_HEIGHT,
    BAR_TOP,
    BOX,
    EDGE,
    HEIGHT,
    MIDDLE,
    PILL,
    ROW,
    TALL,
    WIDTH,
    column_of,
    frame,
    left,
    pill_middle,
)

OUTER, OUTER_TALL = 88, 56


def draw(flows: tables.Flows) -> str:
    """The whole picture as SVG."""
    colours = [colour for _, colour in TOPICS.values()]
    shapes = [*_heading(flows), *lanes.draw(flows), *_topics(flows), *_columns(flows), *_bar(flows)]
    return svg.document(WIDTH, HEIGHT, "四跨事件流转 · how events flow through sikua", colours, shapes)


def _heading(flows: tables.Flows) -> Iterator[str]:
    kinds = sum(len(events) for events in tables.said(flows).values())
    told = f"{len(flows)} 个服务 services · {len(TOPICS)} 个主题 topics · {kinds} 种事件 kinds of events"
    yield svg.words(EDGE, 44, "四跨事件流转 · How events flow", size=24, bold=True, at="start")
    yield svg.words(EDGE, 70, told, size=15, colour=svg.SOFT, at="start")
    yield svg.disc(WIDTH - 258, 38, svg.SOFT, radius=11, ring=True)
    yield svg.words(WIDTH - 258, 43, "3", size=13, colour=svg.SOFT, bold=True)
    yield svg.words(WIDTH - 238, 43, "所听事件种数 kinds heard", size=14, colour=svg.SOFT, at="start")
    yield svg.words(WIDTH - 270, 68, "请求 requests · 作业 works, ticks", size=14, colour=svg.SOFT, at="start")


def _columns(flows: tables.Flows) -> Iterator[str]:
    for number, column in enumerate(COLUMNS):
        if len(column) > 1:
            yield svg.box(*frame(number), fill="#f5f7fa", edge="#cbd2d9", radius=16)
        for row, service in enumerate(column):
            y = MIDDLE + int((row - (len(column) - 1) / 2) * ROW) - TALL // 2
            yield from _service(flows[service], left(number), y, BOX, TALL)
            if service in OUTSIDE and number == 0:
                yield from _outside(service, EDGE, y + (TALL - OUTER_TALL) // 2)
                yield svg.way([(EDGE + OUTER, y + TALL // 2), (frame(0)[0] - 1, y + TALL // 2)], svg.SOFT, wide=2)
            elif service in OUTSIDE:
                middle = left(number) + BOX // 2
                yield from _outside(service, middle - OUTER // 2, y - OUTER_TALL - 48)
                yield svg.way([(middle, y), (middle, y - 47)], svg.SOFT, wide=2)


def _service(flow: Flow, x: int, y: int, width: int, height: int) -> Iterator[str]:
    chinese, english = SERVICES[flow.service]
    middle = x + width // 2
    yield svg.box(x, y, width, height, fill=svg.PAPER, edge=svg.INK)
    yield svg.words(middle, y + height // 2 - 10, chinese, size=19, bold=True)
    yield svg.words(middle, y + height // 2 + 8, english, size=14)
    yield svg.words(middle, y + height // 2 + 27, _acts(flow), size=12, colour=svg.SOFT)


def _acts(flow: Flow) -> str:
    acts = {"请求": len(flow.requests), "作业": len(flow.works) + len(flow.ticks)}
    return " · ".join(f"{number} {what}" for what, number in acts.items() if number) or "只听不说 only hears"


def _outside(service: str, x: int, y: int) -> Iterator[str]:
    chinese, english = OUTSIDE[service]
    yield svg.box(x, y, OUTER, OUTER_TALL, fill=svg.PAPER, edge="#9aa5b1", dashed=True)
    yield svg.words(x + OUTER // 2, y + 26, chinese, size=15, colour=svg.SOFT)
    yield svg.words(x + OUTER // 2, y + 43, english, size=12, colour=svg.SOFT)


def _topics(flows: tables.Flows) -> Iterator[str]:
    for topic, ((chinese, english), colour) in TOPICS.items():
        column = column_of(topic, flows)
        middle, kinds = pill_middle(column), len(tables.said(flows)[topic])
        x, _, width, _ = frame(column)
        yield svg.way([(x + width, MIDDLE), (middle, MIDDLE)], colour, ends=False)
        yield from _forward(flows, topic, column, colour)
        yield from _down(flows, topic, middle, colour)
        yield svg.box(middle - PILL // 2, MIDDLE - 34, PILL, 68, fill=colour, edge=colour, radius=34)
        yield svg.words(middle, MIDDLE - 8, chinese, size=19, colour=svg.PAPER, bold=True)
        yield svg.words(middle, MIDDLE + 9, english, size=14, colour=svg.PAPER)
        yield svg.words(middle, MIDDLE + 25, f"{kinds} 种 kinds", size=12, colour=svg.PAPER)


def _forward(flows: tables.Flows, topic: str, column: int, colour: str) -> Iterator[str]:
    heard = len(tables.heard_of(flows, topic, COLUMNS[column + 1])) if column + 1 < len(COLUMNS) else 0
    if heard:
        start, end = pill_middle(column) + PILL // 2, frame(column + 1)[0]
        yield svg.way([(start, MIDDLE), (end - 2, MIDDLE)], colour)
        yield from _count((start + end) // 2, MIDDLE - 24, heard, colour)


def _down(flows: tables.Flows, topic: str, middle: int, colour: str) -> Iterator[str]:
    heard = len(tables.heard_of(flows, topic, [BESIDE_ALL]))
    if heard:
        yield svg.way([(middle, MIDDLE), (middle, BAR_TOP - 2)], colour)
        yield from _count(middle + 22, (MIDDLE + 34 + BAR_TOP) // 2, heard, colour)


def _count(x: int, y: int, number: int, colour: str) -> Iterator[str]:
    yield svg.disc(x, y, colour, radius=12, ring=True)
    yield svg.words(x, y + 5, str(number), size=14, colour=colour, bold=True)


def _bar(flows: tables.Flows) -> Iterator[str]:
    x = frame(0)[0]
    right = pill_middle(len(COLUMNS) - 1) + PILL // 2
    yield from _service(flows[BESIDE_ALL], x, BAR_TOP, right - x, BAR_HEIGHT)
    middle, below = (x + right) // 2, BAR_TOP + BAR_HEIGHT
    yield svg.way([(middle, below), (middle, below + 35)], svg.SOFT, wide=2)
    yield from _outside(BESIDE_ALL, middle - OUTER // 2, below + 36)
