"""The scenario file: how people behave, as one validated document. A slip in it is named by its place."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import yaml
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError
from sikua_contracts.words import Rung, StepCode

from sikua_cli.trouble import Exit, Trouble

Days = tuple[int, int]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Habit(_Part):
    """How an owner treats a step; days are working days, `work` is a share of the step's limit."""

    weight: float = 0
    take_up: Days = (1, 2)
    work: tuple[float, float] = (0.2, 0.7)
    blocks_after: Days | None = None
    unblocked_after: Days = (5, 20)
    unblocked_by: Rung | None = None
    pauses_after: Days | None = None
    resumes_after: Days = (5, 10)
    extends_after: Days | None = None
    moved_by: Rung | None = None
    never: bool = False


class StepCustom(_Part):
    """What completes a step: a document's title, or (`fact`) first of all a department's fact, or its items."""

    document: str
    fact: bool = False
    by_items: bool = False
    patience: Days = (0, 0)


class Obstacle(_Part):
    """Why a step is held up and whose answer it waits for."""

    reason: str
    waiting_for: str


class Pause(_Part):
    """Why a clock stands still, with the document that stops it and the one that starts it again."""

    reason: str
    document: str
    resumed: str


class Extension(_Part):
    """The one extension of a step."""

    amount: Days
    reason: str


class Answer(_Part):
    """Who answers, how likely, and after how many working days."""

    by: str = ""
    chance: float = Field(ge=0, le=1)
    after: Days


class Release(_Part):
    """In which week an officer releases imported projects from their quiet: those on a track, or all."""

    week: int = Field(ge=1)
    which: str = Field(pattern="^(tracked|all)$")


class Story(_Part):
    """A named project whose present step goes its own way; `unblocked` is what solves it."""

    project: str
    tells: str
    habit: Habit
    unblocked: str | None = None


class Scenario(_Part):
    """Everything that the people of a demo do.

    `department_faults` is the share of questions that a department answers only at the second try.
    """

    seed: int
    start: AwareDatetime
    weeks: int = Field(ge=1)
    projects: str
    units: str
    department_faults: float = Field(default=0, ge=0, le=1)
    release: list[Release]
    habits: dict[str, Habit]
    problem: Habit
    steps: dict[str, StepCustom]
    blocks: dict[StepCode, list[Obstacle]]
    unblocked: list[str]
    pauses: list[Pause]
    extension: Extension
    acknowledge: dict[Rung, Answer]
    seen: Answer
    stories: list[Story]

    def custom(self, code: StepCode, item: str | None) -> StepCustom:
        """What completes this step or item; an item without a line of its own is treated as its step."""
        return self.steps.get(f"{code}.{item}", self.steps[code])

    def story(self, project_name: str) -> Story | None:
        """The story of this project, if it has one."""
        return next((story for story in self.stories if story.project == project_name), None)


def load(path: Path) -> Scenario:
    """Read a scenario. Raises Trouble that names every wrong place."""
    try:
        return Scenario.model_validate(yaml.safe_load(path.read_text()))
    except FileNotFoundError as error:
        raise Trouble(f"没有情景文件 {path}", f"there is no scenario file {path}", Exit.REFUSED) from error
    except yaml.YAMLError as error:
        raise Trouble(f"情景文件 {path} 不是合法的 YAML:{error}", f"{path} is not valid YAML", Exit.REFUSED) from error
    except ValidationError as error:
        wrong = "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors())
        raise Trouble(f"情景文件 {path} 有误:{wrong}", f"{path} is wrong: {wrong}", Exit.REFUSED) from error


def end_of(scenario: Scenario) -> datetime:
    """The moment at which the demo is played to its end."""
    return scenario.start + timedelta(weeks=scenario.weeks)
