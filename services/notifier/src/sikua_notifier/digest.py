"""Many notices to one person leave in one mail: which moment a notice waits for, and which mail it belongs to.

A digest hour is strictly later than the moment a notice came to be, so that a mail is complete before it leaves,
however business time moves. Urgent notices (RED and above) and machines wait for nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from sikua_rules.business_time import SHANGHAI

from sikua_notifier.quiet_hours import WorkingTime, at

MOST_IN_ONE_MAIL = 200


@dataclass(frozen=True)
class DigestHours:
    """Clock times (Asia/Shanghai) of working days at which gathered notices leave; none: at once, in working time."""

    hours: tuple[time, ...] = (time(9, 0), time(14, 0))

    def next_after(self, moment: datetime, working: WorkingTime) -> datetime:
        """The first digest hour later than the moment; without hours the next moment of working time. Aware UTC."""
        if not self.hours:
            return working.next_moment(moment)
        local = moment.astimezone(SHANGHAI)
        today = working.is_working_day(local.date())
        later = [hour for hour in sorted(self.hours) if hour > local.time()] if today else []
        if later:
            return at(local.date(), later[0])
        return at(working.next_working_day(local.date() + timedelta(days=1)), min(self.hours))


@dataclass(frozen=True)
class Timing:
    """When a notice leaves (aware UTC, business time) and in whose company: notices of one bundle share a mail."""

    due_at: datetime
    bundle: str


def timing(
    moment: datetime, *, key: str, recipient: str, by_mail: bool, urgent: bool, hours: DigestHours, working: WorkingTime
) -> Timing:
    """When and with whom a notice of this moment leaves. `key` names the notice itself and is unique."""
    if urgent or not by_mail:
        return Timing(moment.astimezone(UTC), key)
    due = hours.next_after(moment, working)
    return Timing(due, f"{recipient}|{due.isoformat()}" if hours.hours else key)


def after_hold(
    until: datetime, *, key: str, recipient: str, by_mail: bool, urgent: bool, working: WorkingTime
) -> Timing:
    """When and with whom a notice leaves that a silence held back until then."""
    if not by_mail:
        return Timing(until.astimezone(UTC), key)
    due = until.astimezone(UTC) if urgent else working.next_moment(until)
    return Timing(due, f"{recipient}|{due.isoformat()}")


@dataclass(frozen=True)
class Waiting:
    """A notice that may leave now, as far as gathering must know it."""

    notice_id: str
    bundle: str
    recipient: str
    channel: str
    project_id: str
    address: str


def parcels(waiting: Iterable[Waiting], most: int = MOST_IN_ONE_MAIL) -> list[Sequence[Waiting]]:
    """Every notice in exactly one parcel, those of a bundle together, at most `most` in one. Order is kept."""
    bundles: dict[tuple[str, str, str], list[Waiting]] = {}
    for notice in waiting:
        bundles.setdefault((notice.channel, notice.recipient, notice.bundle), []).append(notice)
    return [bundle[start : start + most] for bundle in bundles.values() for start in range(0, len(bundle), most)]
