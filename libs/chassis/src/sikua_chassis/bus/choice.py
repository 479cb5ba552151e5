"""Which bus a process uses, from its settings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sikua_chassis.bus.access import access_of
from sikua_chassis.bus.embedded import EmbeddedBus
from sikua_chassis.bus.port import Bus
from sikua_chassis.settings import BusKind, ServiceSettings


def bus_of(settings: ServiceSettings, speakers: Mapping[str, Sequence[str]]) -> Bus:
    """The bus that `SIKUA_BUS` names, not yet started. `speakers`: topic → services that publish on it.

    Raises AccessRefused when the settings lead to no Kafka.
    """
    if settings.bus is BusKind.KAFKA:
        # Read only when it is wanted: the embedded form starts without the client.
        from sikua_chassis.bus.kafka import KafkaBus

        return KafkaBus(access_of(settings), prefix=settings.kafka_prefix)
    return EmbeddedBus(settings.database_url, speakers)
