"""What the works and routes of a bridge find as `session.tools`: its datasets, its door to the department, its grants."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from sikua_bridge.backoff import Backoff
from sikua_bridge.datasets import Dataset
from sikua_bridge.gateway import Gateway
from sikua_bridge.signing import Signer


@dataclass(frozen=True)
class BridgeTools:
    """`granted` names fields that may leave by grant; `pushed` checks what the department pushes. `namespaces` remembers the
    one in which each service's facts get their ids, once it was read."""

    datasets: Sequence[Dataset]
    gateway: Gateway
    pushed: Signer
    granted: frozenset[str] = frozenset()
    backoff: Backoff = field(default_factory=Backoff)
    by_slug: dict[str, Dataset] = field(init=False)
    departments: dict[str, str] = field(init=False)
    namespaces: dict[str, UUID] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "by_slug", {dataset.slug: dataset for dataset in self.datasets})
        object.__setattr__(self, "departments", {dataset.slug: dataset.department for dataset in self.datasets})
