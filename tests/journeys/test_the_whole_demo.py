"""The whole demo, every line of its file and every person of its city, for one week."""

from __future__ import annotations

import pytest
from support.demo_runs import DEMO, DemoRuns, demo_folder
from support.small_city import COUNTED, projects

WEEKS = 1

pytestmark = pytest.mark.timeout(600)


def test_the_whole_demo_prints_nothing_but_one_json_object_and_accounts_for_every_line() -> None:
    with demo_folder() as folder:
        runs = DemoRuns(folder, WEEKS)
        try:
            ended = runs.play()
        finally:
            runs.close()
    assert ended.status == 0, ended.told
    counts = ended.counts
    assert counts is not None
    assert list(counts) == list(COUNTED)
    lines = len(projects(DEMO / "projects.csv"))
    assert lines == 256
    assert counts["projects"]["registered"] + len(counts["projects"]["rejected"]) == lines
    assert counts["plans"]["with_plan"] + counts["plans"]["none_already_started"] == counts["projects"]["registered"]
    assert counts["facts"]["total"] > 0
    assert counts["notices"]["sent"] > 0
    for group, counted in COUNTED.items():
        assert {key for key in counts[group] if not key.startswith("overdue.")} <= counted, group
