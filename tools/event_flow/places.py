"""Where things stand in the first picture, in pixels: columns of services from left to right, a topic behind each."""

from __future__ import annotations

from tools.event_flow import tables
from tools.event_flow.names import COLUMNS

EDGE = 24
BOX, PILL, COLUMN = 138, 88, 290
TALL, ROW = 76, 94
MIDDLE = 352
BAR_TOP, BAR_HEIGHT = 544, 80
LOWEST_LANE, BETWEEN_LANES = 186, 62
FIRST = 156
WIDTH = FIRST + COLUMN * len(COLUMNS) + 4
HEIGHT = BAR_TOP + BAR_HEIGHT + 110


def left(column: int) -> int:
    """Left edge of a column's services."""
    return FIRST + column * COLUMN


def pill_middle(column: int) -> int:
    """Middle of the topic behind a column."""
    return (frame(column)[0] + frame(column)[2] + left(column + 1)) // 2


def frame(column: int) -> tuple[int, int, int, int]:
    """x, y, width and height of a column; several services have a frame around them."""
    count = len(COLUMNS[column])
    around = 12 if count > 1 else 0
    high = (count - 1) * ROW + TALL + 2 * around
    return left(column) - around, MIDDLE - high // 2, BOX + 2 * around, high


def column_of(topic: str, flows: tables.Flows) -> int:
    """The column whose services speak on a topic."""
    speakers = {speaker for event in tables.said(flows)[topic] for speaker in tables.speakers(flows, event)}
    return next(number for number, column in enumerate(COLUMNS) if speakers & set(column))
