"""A city of a thousand live projects, as the registry, the scheduler and the notifier would say it over half a year.

Made up by one seed on the names of the demo's ledger: projects at every step, late and in time, blocked and paused, with
crossings, tracks, open and accepted rungs, facts and notices. Told day by day, so that the record has a history.
"""

from __future__ import annotations

import csv
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sikua_contracts.bridges import FactReported, FieldValue
from sikua_contracts.envelope import Level, Said
from sikua_contracts.notifier import NoticeSent
from sikua_contracts.registry import Crossing, ProjectAdvanced, ProjectRegistered, Record, Statement
from sikua_contracts.scheduler import (
    EscalationAcknowledged,
    EscalationRaised,
    Proof,
    StepArmed,
    StepBlocked,
    StepCompleted,
    StepPaused,
    StepStarted,
    StepState,
    TrackOpened,
)
from sikua_contracts.words import (
    STEP_NAMES,
    CrossingKind,
    Owner,
    ProjectStatus,
    Quality,
    Rung,
    StepCode,
    StepStatus,
    TrackReason,
)
from sikua_rules.business_time import close_of_business, shanghai_day
from sikua_rules.limits import LimitUnit

LEDGER = Path(__file__).parents[1] / "demo" / "projects.csv"
DAYS = 180
LIMIT_DAYS = {
    StepCode.VISIT: 5,
    StepCode.NEGOTIATE: 30,
    StepCode.PRELIM_REVIEW: 5,
    StepCode.EVALUATE: 15,
    StepCode.SIGN: 20,
    StepCode.REGISTER: 20,
    StepCode.QUOTA: 20,
    StepCode.PERMITS: 20,
    StepCode.START: 30,
}
OWNERS = {
    StepCode.VISIT: "lead_unit",
    StepCode.NEGOTIATE: "lead_unit",
    StepCode.PRELIM_REVIEW: "command_office",
    StepCode.EVALUATE: "industry",
    StepCode.SIGN: "district_government",
    StepCode.REGISTER: "approval_bureau",
    StepCode.QUOTA: "natural_resources",
    StepCode.PERMITS: "housing",
    StepCode.START: "housing",
}
ITEMS = {StepCode.QUOTA: ("LAND", "ENERGY"), StepCode.PERMITS: ("PLANNING", "CONSTRUCTION")}
CITY_WIDE = frozenset({StepCode.PRELIM_REVIEW, StepCode.EVALUATE})
RUNG_AFTER_DAYS = ((Rung.YELLOW, 1), (Rung.RED, 7), (Rung.COORDINATE, 10), (Rung.TOP, 15))
REASONS = ("能耗指标未落实", "用地指标待市级统筹", "环评材料补正", "投资方内部决策未完成")
ROLES = tuple(dict.fromkeys(OWNERS.values()))


@dataclass(frozen=True, order=True)
class Told:
    """What one service says at a moment; `place` keeps the order in which it was made."""

    at: datetime
    place: int
    service: str = field(compare=False)
    said: Said = field(compare=False)


def told(projects: int, now: datetime, seed: int = 4) -> list[Told]:
    """All that is said of so many projects up to `now`, in the order of its moments."""
    chance = random.Random(seed)
    with LEDGER.open(encoding="utf-8", newline="") as file:
        ledger = list(csv.DictReader(file))
    found: list[Told] = []
    for number in range(projects):
        line = ledger[number % len(ledger)]
        for at, service, said in _Life(number, line, now, chance).events():
            found.append(Told(min(at, now), len(found), service, said))
    return sorted(found)


class _Life:
    """One project from its registration to where it stands now."""

    def __init__(self, number: int, line: dict[str, str], now: datetime, chance: random.Random) -> None:
        self.project_id = f"0199{number:04x}-0000-7000-8000-{chance.getrandbits(48):012x}"
        self.name = line["name_zh"] if number < 256 else f"{line['name_zh']}({number // 256 + 1}期)"
        self.divisions = [code for code in line["districts"].split(";") if code] or ["370211"]
        self.line, self.now, self.chance = line, now, chance
        self.reached = chance.choice(list(StepCode))
        self.kinds = [kind for kind in CrossingKind if chance.random() < 0.2]
        self.tracked = bool(self.kinds) or chance.random() < 0.1
        self.version = 0

    def events(self) -> Iterator[tuple[datetime, str, Said]]:
        """What is said of it, with the moment and the speaker."""
        codes = list(StepCode)
        before = codes[: codes.index(self.reached)]
        at = self.now - timedelta(days=self.chance.randrange(20, DAYS), hours=self.chance.randrange(8))
        since = self.now - timedelta(days=self.chance.randrange(1, 20 + LIMIT_DAYS[self.reached]))
        at = min(at, since - timedelta(days=1))
        yield at, "registry", ProjectRegistered(record=self._record(at), registered_by="import")
        yield at, "tax-bridge", self._fact(at)
        if self.tracked:
            opened = {"project_id": self.project_id, "project_name": self.name, "opened_by": "scheduler"}
            reasons = [TrackReason.CROSSING if self.kinds else TrackReason.ORDER]
            yield at, "scheduler", TrackOpened(track_id=f"{self.project_id}-track", reasons=reasons, **opened)
        for place, code in enumerate(before):
            began = at + (since - at) * (place / len(before))
            yield from self._passed(code, began, at + (since - at) * ((place + 1) / len(before)))
        for item in (None, *ITEMS.get(self.reached, ())):
            yield from self._open(since, item)

    def _passed(self, code: StepCode, began: datetime, ended: datetime) -> Iterator[tuple[datetime, str, Said]]:
        for item in (None, *ITEMS.get(code, ())):
            yield began, "scheduler", StepArmed(step=self._step(code, item, StepStatus.ARMED, began))
            yield began, "scheduler", StepStarted(step=self._step(code, item, StepStatus.STARTED, began), by="owner")
            done = self._step(code, item, StepStatus.COMPLETED, began, completed_at=ended)
            yield ended, "scheduler", StepCompleted(step=done, proof=Proof(document="批复.pdf", stated_by="owner"))
        yield ended, "registry", ProjectAdvanced(record=self._record(ended, code), step=code)

    def _open(self, since: datetime, item: str | None) -> Iterator[tuple[datetime, str, Said]]:
        code, soon = self.reached, since + timedelta(hours=20)
        yield since, "scheduler", StepArmed(step=self._step(code, item, StepStatus.ARMED, since))
        luck = self.chance.random()
        if luck > 0.3:
            started = self._step(code, item, StepStatus.STARTED, since, started_at=soon)
            yield soon, "scheduler", StepStarted(step=started, by="owner")
        reason = self.chance.choice(REASONS)
        if luck > 0.85:
            state = self._step(code, item, StepStatus.BLOCKED, since, blocked_reason=reason)
            waiting_for = self._owner(self.chance.choice(ROLES))
            yield soon, "scheduler", StepBlocked(step=state, reason=reason, waiting_for=waiting_for, by="owner")
        elif luck > 0.8:
            state = self._step(code, item, StepStatus.PAUSED, since, due_at=None)
            yield soon, "scheduler", StepPaused(step=state, reason=reason, document="补正通知书", by="owner")
        else:
            yield from self._climbed(since, item)

    def _climbed(self, since: datetime, item: str | None) -> Iterator[tuple[datetime, str, Said]]:
        due = self._due(self.reached, since)
        for rung, after in RUNG_AFTER_DAYS:
            at = due + timedelta(days=after)
            if at > self.now or (rung in (Rung.COORDINATE, Rung.TOP) and not self.tracked):
                return
            step = self._step(self.reached, item, StepStatus.STARTED, since, started_at=since)
            about: dict[str, Any] = {
                "escalation_id": f"{step.step_id}-{rung.value}",
                "rung": rung,
                "step": step,
            }
            recipients = [step.owner, Owner(role="command_office", division="370200")]
            yield (
                at,
                "scheduler",
                EscalationRaised(**about, recipients=recipients, reason="overdue", overdue_working_days=after),
            )
            yield at, "notifier", self._notice(step, at, rung)
            if self.chance.random() < 0.4:
                accepted = EscalationAcknowledged(**about, by="王晓", waits_until=at + timedelta(days=5))
                yield at + timedelta(hours=5), "scheduler", accepted

    def _record(self, at: datetime, stage: StepCode | None = None) -> Record:
        self.version += 1
        stated = {"stated_by": "import", "as_of": at, "basis": "台账", "quality": Quality.SIMULATED}
        values = {
            "total_investment_wan": f"{self.chance.randrange(1, 400) * 1000}.0000",
            "industry_chain": self.line["industry_chain_zh"] or None,
            "investor_name": self.line["investor_zh"] or "某某科技有限公司",
            "cross_reason": self.line["cross_reason"] or "四跨",
        }
        return Record(
            project_id=self.project_id,
            version=self.version,
            status=ProjectStatus.ACTIVE,
            name=self.name,
            divisions=self.divisions,
            uscc=["91370211MA3C00011M"],
            industries=["C39"],
            origins=["DISTRICT"],
            zone=self.line["zone_zh"] or None,
            stage=stage,
            crossings=[Crossing(kind=kind, declared=False, reason="按规则判定") for kind in self.kinds],
            fields={name: Statement(value=value, **stated) for name, value in values.items() if value},
        )

    def _fact(self, at: datetime) -> FactReported:
        return FactReported(
            project_id=self.project_id,
            department="tax",
            dataset="tax.registration",
            fact_id=f"{self.project_id}-fact",
            values=[FieldValue(field="tax_reg_status", value="正常", level=Level.L2)],
            as_of=at,
            basis="共享目录",
            quality=Quality.SIMULATED,
            resource_id="r",
            row_hash="h",
        )

    def _notice(self, step: StepState, at: datetime, rung: Rung) -> NoticeSent:
        return NoticeSent(
            notice_id=f"{step.step_id}-{rung.value}-notice",
            project_id=self.project_id,
            step_id=step.step_id,
            owner=step.owner,
            recipient="owner@example.org",
            channel="smtp",
            subject_line=f"{self.name}:督办",
            sent_at=at,
        )

    def _step(self, code: StepCode, item: str | None, status: StepStatus, armed_at: datetime, **more: Any) -> StepState:
        name_zh, name_en = STEP_NAMES[code]
        given: dict[str, Any] = {"due_at": self._due(code, armed_at), **more}
        return StepState(
            step_id=f"{self.project_id}-{code.value}{f'-{item}' if item else ''}",
            project_id=self.project_id,
            project_name=self.name,
            code=code,
            item=item,
            name_zh=f"{name_zh}·{item}" if item else name_zh,
            name_en=name_en,
            owner=self._owner(OWNERS[code], city_wide=code in CITY_WIDE),
            status=status,
            limit_amount=LIMIT_DAYS[code],
            limit_unit=LimitUnit.WORKING_DAY,
            armed_at=armed_at,
            tracked=self.tracked,
            **given,
        )

    def _owner(self, role: str, *, city_wide: bool = False) -> Owner:
        return Owner(role=role, division="370200" if city_wide else self.divisions[0])

    def _due(self, code: StepCode, armed_at: datetime) -> datetime:
        return close_of_business(shanghai_day(armed_at) + timedelta(days=LIMIT_DAYS[code] * 7 // 5))


def speakers(events: Sequence[Told]) -> list[str]:
    """Who says anything of it."""
    return sorted({each.service for each in events})
