"""READMEs and docs say nothing that is not so, and both READMEs give the same commands and links."""

from __future__ import annotations

import re
from importlib import import_module
from pathlib import Path

import pytest
import typer.main
from architecture.house import pages
from architecture.house.pages import Known
from architecture.house.routes import every
from architecture.house.tree import ROOT
from sikua_chassis.auth.issuer import LocalIssuer
from sikua_chassis.bus.embedded import EmbeddedBus
from sikua_chassis.clock import BusinessClock
from sikua_chassis.service import Runtime
from sikua_chassis.settings import ServiceSettings
from sikua_cli.commands.config import OF_THE_COMMAND, in_force
from sikua_cli.main import cli
from sikua_contracts.topics import SERVICES, SPEAKERS
from sikua_contracts.words import RUNG_NAMES, STEP_NAMES

from tools.decisions import FOLDER, index

PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
READMES = (ROOT / "README.md", ROOT / "README.zh-CN.md")


def routes() -> set[str]:
    """Every route of every service, as it is and with the service in front."""
    settings = ServiceSettings(database_url="postgresql:///none")
    bus, verifier = EmbeddedBus(settings.database_url, SPEAKERS), LocalIssuer.fresh().verifier()
    runtime = Runtime(settings=settings, bus=bus, clock=BusinessClock(), verifier=verifier)
    found: set[str] = set()
    for service in SERVICES:
        made = import_module(f"sikua_{service.replace('-', '_')}.app").build(runtime)
        for method, path, _ in every(made.app.routes):
            found |= {pages.route(method, f"{front}{path}") for front in ("", f"/{service}")}
    return found


@pytest.fixture(scope="module")
def known() -> Known:
    """What there is in this tree."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    commands = typer.main.get_group(cli).commands
    return Known(
        targets=frozenset(re.findall(r"^([a-z][a-z-]*):", makefile, re.MULTILINE)),
        commands={
            name: frozenset(option for parameter in command.params for option in parameter.opts)
            for name, command in commands.items()
        },
        settings=frozenset([*OF_THE_COMMAND, *(setting.name for setting in in_force())]),
        routes=frozenset(routes()),
    )


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_a_page_says_only_what_is_so(page: Path, known: Known) -> None:
    assert "\n".join(map(str, pages.offences(ROOT, page, known))) == ""


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("See [there](nowhere.md).", "the link nowhere.md leads nowhere"),
        ("See [here](#no-such-part).", "the link #no-such-part leads nowhere"),
        ("Run `make coffee`.", "there is no `make coffee`"),
        ("```sh\nmake tea    # drink it\n```", "there is no `make tea`"),
        ("```sh\n.venv/bin/sikua dance\n```", "there is no `sikua dance`"),
        ("Run `sikua up --distant`.", "`sikua up` has no --distant"),
        ("Set `SIKUA_COLOUR`.", "there is no setting SIKUA_COLOUR"),
        ("Ask `GET /registry/wishes/{id}`.", "no service answers GET /registry/wishes/{id}"),
        ("Read `services/registry/wishes.py`.", "there is no services/registry/wishes.py"),
    ],
)
def test_a_page_that_says_more_than_is_so_is_told(tmp_path: Path, known: Known, line: str, told: str) -> None:
    page = tmp_path / "PAGE.md"
    page.write_text(f"# Page\n\n{line}\n", encoding="utf-8")
    (found,) = pages.offences(tmp_path, page, known)
    assert found.what == told
    assert found.line == 3 + line.startswith("```")


def test_what_is_so_passes(tmp_path: Path, known: Known) -> None:
    page = tmp_path / "PAGE.md"
    lines = [
        "# A page · 一页",
        "[top](#a-page--一页) `make test ARGS=x` `sikua feed --follow -f` SIKUA_PORT SIKUA_SMTP_HOST",
        "`GET /registry/projects/{id}` `POST /steps/{step_id}/complete` `GET /lanes`",
    ]
    page.write_text("\n".join(lines), encoding="utf-8")
    assert pages.offences(tmp_path, page, known) == []


def test_both_readmes_give_the_same_commands_and_links() -> None:
    texts = [page.read_text(encoding="utf-8") for page in READMES]
    blocks = [re.findall(r"^```sh\n(.*?)^```$", text, re.MULTILINE | re.DOTALL) for text in texts]
    english, chinese = ([re.sub(r"\s*#.*", "", block) for block in each] for each in blocks)
    assert english == chinese
    links = [{link for link in pages.LINK.findall(text) if not link.startswith("README")} for text in texts]
    assert links[0] == links[1]


def test_the_glossary_has_every_step_and_every_rung() -> None:
    glossary = (ROOT / "docs/glossary.md").read_text(encoding="utf-8")
    for chinese, english in [*STEP_NAMES.values(), *RUNG_NAMES.values()]:
        assert f"| {chinese} | {english} |" in glossary


def test_the_list_of_decisions_is_fresh_and_a_new_one_makes_it_stale(tmp_path: Path) -> None:
    listed = (FOLDER / "README.md").read_text(encoding="utf-8")
    assert index(FOLDER) == listed
    (tmp_path / "0001-tea.md").write_text("# 0001 Tea\n\n**Decision.** We drink tea. Often.\n", encoding="utf-8")
    assert index(tmp_path).endswith("| [0001 Tea](0001-tea.md) | We drink tea. |\n")
    (tmp_path / "0002-milk.md").write_text("# 0003 Milk\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"0002-milk\.md"):
        index(tmp_path)
