"""The instruments of one service, in a registry of their own, so that several services live in one process.

Names follow Prometheus practice: `sikua_<noun>_<unit>`, base units, no ids in labels.
"""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Info
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

SECONDS = (0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0)
LONG_SECONDS = (0.05, 0.1, 0.5, 1.0, 5.0, 15.0, 60.0, 300.0, 900.0, 3600.0, 14400.0)
SIZES = (1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1000.0, 2000.0, 5000.0)


class Metrics:
    """Named instruments; `render()` is what `/metrics` answers."""

    content_type = CONTENT_TYPE_LATEST

    def __init__(self, service: str, version: str = "") -> None:
        self._answers: dict[tuple[str, str, int], tuple[Counter, Histogram]] = {}
        self.registry = registry = CollectorRegistry(auto_describe=False)
        Info("sikua_service", "The service behind these figures.", registry=registry).info(
            {"service": service, "version": version}
        )
        self._serve(registry)
        self._leave(registry)
        self._arrive(registry)
        self._work(registry)

    def _serve(self, registry: CollectorRegistry) -> None:
        self.requests = Counter(
            "sikua_http_requests", "Requests answered.", ["route", "method", "status"], registry=registry
        )
        self.request_seconds = Histogram(
            "sikua_http_request_seconds", "Time to answer.", ["route"], buckets=SECONDS, registry=registry
        )
        self.denials = Counter("sikua_denials", "Requests denied, by reason.", ["reason"], registry=registry)
        self.replays = Counter("sikua_idempotent_replays", "Answers given again.", registry=registry)

    def _leave(self, registry: CollectorRegistry) -> None:
        self.outbox_unpublished = Gauge(
            "sikua_outbox_unpublished_events", "Events written and not yet published.", registry=registry
        )
        self.outbox_oldest_seconds = Gauge(
            "sikua_outbox_oldest_unpublished_seconds", "Age of the oldest unpublished event.", registry=registry
        )
        self.outbox_parked = Gauge(
            "sikua_outbox_parked_subjects", "Subjects parked because a row was refused for good.", registry=registry
        )
        self.shards = Gauge("sikua_relay_shards", "Shards of the outbox that this process holds.", registry=registry)
        self.published = Counter("sikua_events_published", "Events published.", ["type"], registry=registry)
        self.publish_batch = Histogram(
            "sikua_publish_batch_events", "Events per published chunk.", buckets=SIZES, registry=registry
        )

    def _arrive(self, registry: CollectorRegistry) -> None:
        self.handled = Counter("sikua_events_handled", "Events handled.", ["type"], registry=registry)
        self.duplicates = Counter("sikua_events_duplicate", "Events dropped as already passed.", registry=registry)
        self.lag = Gauge("sikua_consumer_lag_events", "Events not yet handled.", ["topic"], registry=registry)
        self.bus_away = Gauge("sikua_bus_away", "1 while the bus does not answer.", registry=registry)
        self.last_handled = Gauge(
            "sikua_consumer_last_handled_timestamp_seconds", "When the last event was handled.", registry=registry
        )
        self.batch = Histogram("sikua_inbox_batch_events", "Events per transaction.", buckets=SIZES, registry=registry)
        self.batch_seconds = Histogram(
            "sikua_inbox_batch_seconds", "Time per batch.", buckets=SECONDS, registry=registry
        )
        self.latency_seconds = Histogram(
            "sikua_event_latency_seconds", "From recorded to handled.", buckets=LONG_SECONDS, registry=registry
        )
        self.held_lanes = Gauge("sikua_held_lanes", "Lanes held, by state.", ["state"], registry=registry)
        self.environment_faults = Counter(
            "sikua_environment_faults", "Batches run again because of the environment.", ["hop"], registry=registry
        )

    def _work(self, registry: CollectorRegistry) -> None:
        self.loop_failures = Counter(
            "sikua_loop_failures", "Loops that failed and were begun again.", ["loop"], registry=registry
        )
        self.claims = Counter("sikua_work_claims", "Jobs claimed.", ["work"], registry=registry)
        self.outcomes = Counter(
            "sikua_work_outcomes", "Jobs recorded, by outcome.", ["work", "outcome"], registry=registry
        )
        self.work_seconds = Histogram(
            "sikua_work_seconds", "From claim to record.", ["work"], buckets=SECONDS, registry=registry
        )
        self.work_due = Gauge("sikua_work_due_jobs", "Jobs due or claimed.", ["work"], registry=registry)
        self.ticks = Gauge(
            "sikua_tick_last_timestamp_seconds", "When a tick last ran to its end.", ["tick"], registry=registry
        )

    def answered(self, route: str, method: str, status: int, seconds: float) -> None:
        """Count one answer; labelled instruments are kept, for this runs with every request."""
        key = (route, method, status)
        held = self._answers.get(key)
        if held is None:
            held = (self.requests.labels(route, method, str(status)), self.request_seconds.labels(route))
            self._answers[key] = held
        held[0].inc()
        held[1].observe(seconds)

    def render(self) -> bytes:
        """All figures in the Prometheus text format."""
        return generate_latest(self.registry)
