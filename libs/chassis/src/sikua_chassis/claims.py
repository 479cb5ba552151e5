"""Claim, act, record: rows are taken under a lease, acted upon without a transaction, and finished if still ours.

A worker that dies leaves its claims to lapse; a slow one cannot overwrite a newer claim, because `record` asks for the token.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import structlog

from sikua_chassis.clock import real_now
from sikua_chassis.database import LOST, Database
from sikua_chassis.flow import Tick, Work
from sikua_chassis.pacing import Pace
from sikua_chassis.supervision import heed_cancellation
from sikua_chassis.telemetry.metrics import Metrics
from sikua_chassis.telemetry.traces import Tracing

PAUSE_SECONDS = (0.2, 0.5, 1.0, 2.0, 5.0)

log = structlog.get_logger("sikua.work")


class Worker:
    """Runs one Work of a flow."""

    def __init__(self, work: Work, database: Database, tracing: Tracing, metrics: Metrics) -> None:
        self.work = work
        self._database = database
        self._tracing = tracing
        self._metrics = metrics
        self._places = asyncio.Semaphore(work.concurrency)
        self.recorded = 0

    async def run(self) -> None:
        """Work until cancelled. Any failure pauses this worker, growing, and is logged; the claims lapse."""
        failures = 0
        pace = Pace()
        while True:
            pace.begin()
            seen = self._database.written.generation
            try:
                done = await self.once()
                failures = 0
                if not done:
                    await pace.rest()
                    await self._database.written.wait(self.work.every_seconds, seen)
            except Exception as trouble:
                heed_cancellation()
                expected = isinstance(trouble, LOST)
                log.warning(
                    "Work pauses.",
                    action="work_pauses",
                    work=self.work.name,
                    error=repr(trouble),
                    exc_info=not expected,
                )
                await asyncio.sleep(PAUSE_SECONDS[min(failures, len(PAUSE_SECONDS) - 1)])
                failures += 1

    async def once(self) -> int:
        """Claim once and finish what was claimed; how many jobs there were. Mostly there are none, and one question tells."""
        if not self.work.claims_at_once and not await self._is_due():
            return 0
        async with self._database.unit_of_work(transactional=not self.work.claims_at_once) as session:
            jobs = await self.work.claim(session, self.work.batch)
            if self.work.act is None:
                for job in jobs:
                    await self.work.record(session, job, None)
        self._metrics.claims.labels(self.work.name).inc(len(jobs))
        if self.work.act is None:
            self.recorded += len(jobs)
            self._metrics.outcomes.labels(self.work.name, "recorded").inc(len(jobs))
            return len(jobs)
        return await self._act_on(jobs)

    async def _is_due(self) -> bool:
        async with self._database.unit_of_work(read_only=True) as session:
            return await self.work.due(session) > 0

    async def _act_on(self, jobs: Sequence[Any]) -> int:
        outcomes = await asyncio.gather(*(self._one(job) for job in jobs), return_exceptions=True)
        failures = [outcome for outcome in outcomes if isinstance(outcome, BaseException)]
        self.recorded += len(jobs) - len(failures)
        self._metrics.outcomes.labels(self.work.name, "recorded").inc(len(jobs) - len(failures))
        self._metrics.outcomes.labels(self.work.name, "failed").inc(len(failures))
        for failure in failures:
            if not isinstance(failure, Exception):
                raise failure
        if failures:
            raise failures[0]
        return len(jobs)

    async def _one(self, job: Any) -> None:
        async with self._places:
            with self._metrics.work_seconds.labels(self.work.name).time():
                await self._act_and_record(job)

    async def _act_and_record(self, job: Any) -> None:
        act = self.work.act
        if act is None:
            return
        with self._tracing.span_if_sampled(getattr(job, "traceparent", None), self.work.name) as carried:
            async with asyncio.timeout(self.work.lease_seconds):
                outcome = await act(self._database.tools, job)
            async with self._database.unit_of_work(traceparent=carried) as session:
                await self.work.record(session, job, outcome)


class Ticker:
    """Runs one Tick of a flow every so often, and at once again while there is more to do."""

    def __init__(self, tick: Tick, database: Database, metrics: Metrics) -> None:
        self.tick = tick
        self._database = database
        self._metrics = metrics

    async def run(self) -> None:
        """Work until cancelled."""
        pace = Pace()
        while True:
            pace.begin()
            try:
                async with self._database.unit_of_work() as session:
                    more = await self.tick.run(session)
                self._metrics.ticks.labels(self.tick.name).set(real_now().timestamp())
                # What the tick itself wrote must not wake it again.
                seen = self._database.written.generation
                if not more:
                    await pace.rest()
                    await self._database.written.wait(self.tick.every_seconds, seen)
            except Exception as trouble:
                heed_cancellation()
                log.warning("A tick failed.", action="tick_failed", tick=self.tick.name, error=repr(trouble))
                await asyncio.sleep(self.tick.every_seconds)
