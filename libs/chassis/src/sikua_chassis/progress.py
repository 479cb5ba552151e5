"""Whether each log's position moves, told from two looks at it: a reader that is behind is well as long as it comes nearer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass
class Progress:
    """What was seen of each log when it was last seen to move. Replicas read one another's logs: any of them moves it."""

    _since: dict[str, tuple[int, float]] = field(default_factory=dict)

    def look(self, found: Mapping[str, tuple[int, int]], now: float) -> dict[str, float]:
        """Seconds for which each log that is behind has not moved. `found`: log → (position, head); `now` in seconds."""
        still = {}
        for name, (position, head) in found.items():
            before = self._since.get(name)
            if position >= head or before is None or before[0] != position:
                self._since[name] = (position, now)
            elif position < head:
                still[name] = now - before[1]
        return still
