"""Bottlenecks: every delay is counted once, figures add up whichever way they are grouped, the chart says the same."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st
from sikua_command_office.bottlenecks.chart import MOST_BARS, Theme, Width, bars, specification
from sikua_command_office.bottlenecks.holding import By, Held, Wanted, held_up, key_of, table
from sikua_command_office.projects.cards import Step
from sikua_contracts.words import Owner, ProjectStatus, StepCode, StepStatus
from support.office_values import LAMPS, a_project, a_step

OWNERS = [
    Owner(role=role, division=place) for role in ("reform", "ecology.head", "ecology") for place in ("370202", "370211")
]
DIVIDED = {StepCode.QUOTA: ("LAND", "ENERGY"), StepCode.PERMITS: ("FILING", "EIA")}

open_status = st.sampled_from([StepStatus.ARMED, StepStatus.STARTED, StepStatus.BLOCKED, StepStatus.PAUSED])


@st.composite
def plans(draw: st.DrawFn) -> list[list[Step]]:
    """Open steps of some projects: whole ones, and items beside the step that they divide."""
    found = []
    for number in range(draw(st.integers(0, 8))):
        steps = []
        for code in draw(st.lists(st.sampled_from(StepCode), unique=True, max_size=3)):
            items = draw(st.sets(st.sampled_from(DIVIDED[code]))) if code in DIVIDED else set()
            for item in [None, *sorted(items)]:
                steps.append(
                    a_step(
                        f"p{number}",
                        code,
                        item=item,
                        days=draw(st.integers(-60, 20)),
                        status=draw(open_status),
                        owner=draw(st.sampled_from(OWNERS)),
                    )
                )
        found.append(steps)
    return found


def held_in(given_plans: list[list[Step]], suspended: frozenset[int] = frozenset()) -> list[Held]:
    projects = [
        a_project(
            f"p{number}",
            status=ProjectStatus.SUSPENDED if number in suspended else ProjectStatus.ACTIVE,
            divisions=(("370202", "370211")[number % 2],),
        )
        for number in range(len(given_plans))
    ]
    return held_up(projects, {f"p{number}": steps for number, steps in enumerate(given_plans)}, LAMPS)


@given(plans(), st.sampled_from(By))
def test_figures_add_up_by_row_by_step_and_in_all(given_plans: list[list[Step]], by: By) -> None:
    held = held_in(given_plans)
    whole = table(held, by)
    cells = [cell for row in whole.rows for cell in row.cells.values()]
    for counted in (cells, [row.total for row in whole.rows], list(whole.by_step.values()), [whole.total]):
        assert sum(cell.count for cell in counted) == len(held)
        assert sum(cell.days for cell in counted) == sum(one.days for one in held)
        assert sum(cell.blocked for cell in counted) == sum(one.blocked for one in held)
    assert all(cell.count for cell in cells)
    assert [row.total.days for row in whole.rows] == sorted((row.total.days for row in whole.rows), reverse=True)


@given(plans(), st.sampled_from(By))
def test_the_list_behind_a_figure_is_what_the_figure_counts(given_plans: list[list[Step]], by: By) -> None:
    held = held_in(given_plans)
    for row in table(held, by).rows:
        assert tuple(one for one in held if Wanted(role=row.key).takes(one)) == row.total.held
        for code, cell in row.cells.items():
            assert tuple(one for one in held if Wanted(role=row.key, step=code).takes(one)) == cell.held


@given(plans())
def test_what_is_overdue_or_blocked_is_counted_and_a_divided_step_never_beside_its_items(
    given_plans: list[list[Step]],
) -> None:
    held = held_in(given_plans)
    for steps in given_plans:
        for step in steps:
            lit, state = LAMPS.lit(step), step.state
            bad = lit.overdue > 0 or state.status is StepStatus.BLOCKED
            same = [
                one.lit.step for one in held if one.project.project_id == state.project_id and one.code is state.code
            ]
            assert bool(same) or not bad
            assert bad or step not in same
            items = [one for one in same if one.state.item is not None]
            assert len(items) in (0, len(same))


@given(plans(), st.frozensets(st.integers(0, 8)))
def test_a_suspended_project_holds_nothing_up(given_plans: list[list[Step]], suspended: frozenset[int]) -> None:
    held = held_in(given_plans, suspended)
    assert all(one.project.status is ProjectStatus.ACTIVE for one in held)
    assert [one.days for one in held] == sorted((one.days for one in held), reverse=True)


def test_the_head_of_a_department_counts_for_the_department() -> None:
    head = Owner(role="ecology.head", division="370211")
    assert (key_of(head, By.LINE), key_of(head, By.UNIT)) == ("ecology", "ecology@370211")


@given(plans(), st.sampled_from(By), st.sampled_from(Theme), st.sampled_from(Width))
def test_the_chart_shows_the_worst_cells_longest_first(
    given_plans: list[list[Step]], by: By, theme: Theme, width: Width
) -> None:
    whole = table(held_in(given_plans), by)
    shown = bars(whole, by)
    lengths = sorted((cell.days for row in whole.rows for cell in row.cells.values()), reverse=True)
    assert [bar.cell.days for bar in shown] == lengths[:MOST_BARS]
    drawn = specification(shown, theme, width)
    assert [value["days"] for value in drawn["data"]["values"]] == [bar.cell.days for bar in shown]
    assert json.loads(json.dumps(drawn)) == drawn
