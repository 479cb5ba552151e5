"""Topics heard elsewhere than just behind their speakers: ways over the top, one above the other, each with its events."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from tools.event_flow import svg, tables
from tools.event_flow.names import COLUMNS, TOPICS, verb_name
from tools.event_flow.places import BETWEEN_LANES, LOWEST_LANE, MIDDLE, column_of, frame, pill_middle


@dataclass(frozen=True)
class Lane:
    """From a topic at x `start` over the top down to the services at x `end`, whose roof is at `roof`."""

    topic: str
    start: int
    end: int
    roof: int
    chinese: str
    english: str


def draw(flows: tables.Flows) -> Iterator[str]:
    """All lanes, the one that ends farthest to the left on top, so that lanes cross at right angles or not at all."""
    lanes = sorted(_all(flows), key=lambda lane: -min(lane.start, lane.end))
    for number, lane in enumerate(lanes):
        y, colour = LOWEST_LANE - number * BETWEEN_LANES, TOPICS[lane.topic][1]
        road = [(lane.start, MIDDLE), (lane.start, y), (lane.end, y), (lane.end, lane.roof - 2)]
        yield svg.way(road, colour, halo=True)
        middle = _widest_gap(lane, lanes[number + 1 :])
        yield svg.words(middle, y - 9, lane.chinese, size=14, colour=colour, bold=True)
        yield svg.words(middle, y + 19, lane.english, size=13, colour=colour)


def _all(flows: tables.Flows) -> Iterator[Lane]:
    for topic in TOPICS:
        start = column_of(topic, flows)
        for end, column in enumerate(COLUMNS):
            heard = tables.heard_of(flows, topic, column)
            if heard and end != start + 1:
                x, roof, width, _ = frame(end)
                verbs = [verb_name(event.type) for event in heard]
                chinese, english = "、".join(verb[0] for verb in verbs), ", ".join(verb[1] for verb in verbs)
                hears = [service for service in column if topic in flows[service].topics]
                whose = "" if hears == list(column) else f" ({', '.join(hears)})"
                yield Lane(topic, pill_middle(start), x + width // 2, roof, chinese, english + whose)


def _widest_gap(lane: Lane, higher: list[Lane]) -> int:
    """Middle of the longest stretch of a lane that no higher lane crosses on its way up or down."""
    low, high = sorted((lane.start, lane.end))
    crossings = [x for other in higher for x in (other.start, other.end) if low < x < high]
    stretches = pairwise(sorted([low, high, *crossings]))
    return max(((b - a, (a + b) // 2) for a, b in stretches))[1]
