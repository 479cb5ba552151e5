"""Why the command office schedules a project: it crosses, is a key signing, or comes from a major event."""

from __future__ import annotations

from decimal import Decimal

from pydantic import BaseModel, ConfigDict
from sikua_contracts.registry import Record
from sikua_contracts.words import TrackReason


class _Template(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class KeySigning(_Template):
    """A signing is key from an amount on (万元, inclusive), a lower one where a leader's meeting began it."""

    from_wan: Decimal
    leader_meeting_from_wan: Decimal
    leader_meeting_origins: tuple[str, ...]


class TrackPolicy(_Template):
    """Which projects the command office schedules by itself."""

    major_event_origins: tuple[str, ...]
    key_signing: KeySigning


def reasons(policy: TrackPolicy, record: Record, amount_wan: Decimal | None, signed: bool) -> list[TrackReason]:
    """The reasons that hold now, in a fixed order; empty: no track by itself. `signed`: the step SIGN is complete."""
    found = []
    if record.crossings:
        found.append(TrackReason.CROSSING)
    if signed and amount_wan is not None and _is_key(policy.key_signing, record, amount_wan):
        found.append(TrackReason.KEY_SIGNING)
    if not set(record.origins).isdisjoint(policy.major_event_origins):
        found.append(TrackReason.MAJOR_EVENT)
    return found


def _is_key(rule: KeySigning, record: Record, amount_wan: Decimal) -> bool:
    met_leader = not set(record.origins).isdisjoint(rule.leader_meeting_origins)
    return amount_wan >= (rule.leader_meeting_from_wan if met_leader else rule.from_wan)
