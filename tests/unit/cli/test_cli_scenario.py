"""The shipped scenario is sound, and a slip in one is named by its place."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
import yaml
from sikua_cli.demo.scenario import load
from sikua_cli.trouble import Trouble
from sikua_contracts.words import StepCode

DEMO = Path(__file__).parents[3] / "demo"


def test_the_shipped_scenario_covers_all_nine_steps() -> None:
    scenario = load(DEMO / "scenario.yaml")
    assert {code.value for code in StepCode} <= set(scenario.steps)
    assert set(scenario.blocks) == set(StepCode)
    assert scenario.weeks == 26
    assert scenario.start.isoformat() == "2026-03-02T09:00:00+08:00"


def test_every_story_is_about_a_real_project_of_the_file() -> None:
    with (DEMO / "projects.csv").open(encoding="utf-8") as file:
        names = {row["name_zh"] for row in csv.DictReader(file)}
    told = {story.project for story in load(DEMO / "scenario.yaml").stories}
    assert told <= {name.removesuffix("工程") for name in names} | names


def test_an_item_without_a_line_is_treated_as_its_step() -> None:
    scenario = load(DEMO / "scenario.yaml")
    assert scenario.custom(StepCode.START, "PHOTO") == scenario.steps["START"]
    assert scenario.custom(StepCode.QUOTA, "ENERGY").fact


def test_every_wrong_place_of_a_scenario_is_named(tmp_path: Path) -> None:
    document = yaml.safe_load((DEMO / "scenario.yaml").read_text())
    document["weeks"] = 0
    document["habits"]["prompt"]["laziness"] = 3
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text(yaml.safe_dump(document, allow_unicode=True))
    with pytest.raises(Trouble, match=r"weeks.*habits\.prompt\.laziness|habits\.prompt\.laziness.*weeks"):
        load(wrong)


def test_a_missing_scenario_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(Trouble, match="there is no scenario file"):
        load(tmp_path / "none.yaml")
