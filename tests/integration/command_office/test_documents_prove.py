"""Documents attached as proof: told by their content, kept with their hash, read back by those who see the project."""

from __future__ import annotations

import hashlib
import html
import io
import zipfile

import httpx
import pytest
from integration.command_office.test_officers_act import drawn, form_in
from sikua_command_office.pages.documents import store
from sikua_command_office.pages.documents.kinds import LARGEST_BYTES
from support.acting import Acting, acting
from support.officers import PAGE, signed_in
from support.system import System

PDF = b"%PDF-1.7\n1 0 obj << >> endobj\ntrailer << >>\n%%EOF\n"


@pytest.fixture
async def city(system: System) -> Acting:
    """The command office with the registry and the scheduler behind it."""
    return await acting(system)


async def attached(
    officer: httpx.AsyncClient, form: dict[str, str], content: bytes, name: str = "能评批复.pdf", **typed: str
) -> httpx.Response:
    data = {**{key: form[key] for key in form if key != "action"}, **typed}
    return await officer.post(form["action"], data=data, files={"file": (name, content, "text/html")})


def ofd() -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("OFD.xml", '<ofd:OFD xmlns:ofd="http://www.ofdspec.org/2016" Version="1.0"/>')
    return made.getvalue()


async def test_a_step_is_completed_with_a_document_that_can_be_read_back(city: Acting) -> None:
    project = await city.project()
    officer = await signed_in(city.system)
    form = await drawn(officer, project, "complete")
    answer = await attached(officer, form, PDF, document="青发改〔2026〕12号")
    assert answer.status_code == 303, html.unescape(answer.text)
    digest = hashlib.sha256(PDF).hexdigest()
    await city.system.quiet()
    page = (await officer.get(f"{PAGE}/projects/{project}")).text
    assert (
        f'青发改〔2026〕12号 <a class="document" href="{PAGE}/projects/{project}/documents/{digest}">能评批复.pdf</a>'
        in page
    )
    plan = (await city.system.client("scheduler").get(f"/plans/{project}")).json()["steps"]
    proofs = [step["proof"]["document"] for step in plan if step["proof"]]
    assert proofs == [f"青发改〔2026〕12号 (能评批复.pdf sha256:{digest})"]
    read = await officer.get(f"{PAGE}/projects/{project}/documents/{digest}")
    assert (read.status_code, read.content) == (200, PDF)
    assert read.headers["content-type"] == "application/pdf"
    assert read.headers["content-disposition"].startswith("attachment; ")
    assert read.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in read.headers["content-security-policy"]
    assert read.headers["cache-control"] == "private, no-store"


async def test_only_those_who_see_the_project_read_its_documents(city: Acting) -> None:
    project, other = await city.project(), await city.project("崂山项目", "370212")
    officer = await signed_in(city.system)
    assert (await attached(officer, await drawn(officer, project, "complete"), PDF)).status_code == 303
    digest = hashlib.sha256(PDF).hexdigest()
    where = f"{PAGE}/projects/{project}/documents/{digest}"
    huangdao = await signed_in(city.system, "district_owner", division="370211")
    laoshan = await signed_in(city.system, "district_owner", division="370212")
    assert (await huangdao.get(where)).status_code == 200
    assert (await laoshan.get(where)).status_code == 404
    assert (await laoshan.get(f"{PAGE}/projects/{other}/documents/{digest}")).status_code == 404
    stranger = city.system.client("command-office")
    assert (await stranger.get(where)).status_code == 303


@pytest.mark.parametrize(
    ("content", "name", "told"),
    [
        (b"<html><script>alert(1)</script>", "批复.pdf", "其他类型的内容"),
        (b"%PDF-1.7\ncut off", "批复.pdf", "不完整的文件"),
        (b"MZ\x90\x00", "批复.png", "其他类型的内容"),
        (b"", "批复.pdf", "空文件"),
    ],
)
async def test_content_of_another_kind_is_refused_with_what_was_expected(
    city: Acting, content: bytes, name: str, told: str
) -> None:
    project = await city.project()
    officer = await signed_in(city.system)
    answer = await attached(officer, await drawn(officer, project, "complete"), content, name, document="函1")
    text = html.unescape(answer.text)
    assert answer.status_code == 422
    assert "依据文件 Document:需要 PDF、OFD、PNG 或 JPEG" in text
    assert told in text
    assert 'value="函1"' in text
    assert "step.completed" not in await city.said(project)


async def test_a_document_that_is_too_large_is_refused_and_what_was_typed_stays(city: Acting) -> None:
    project = await city.project()
    officer = await signed_in(city.system)
    content = PDF + b" " * LARGEST_BYTES
    answer = await attached(officer, await drawn(officer, project, "complete"), content, document="函1")
    assert answer.status_code == 413
    assert "不超过 20 MB" in answer.text
    assert 'value="函1"' in answer.text
    assert (
        await city.system.services["command-office"].database.pool.fetchval("SELECT count(*) FROM kept_document") == 0
    )


async def test_a_document_of_a_refused_act_stays_attached_to_the_form(city: Acting) -> None:
    project = await city.project()
    officer = await signed_in(city.system)
    document = ofd()
    refused = await attached(officer, await drawn(officer, project, "pause"), document, "函.ofd", reason="x")
    assert refused.status_code == 422
    again = form_in(refused.text, "pause")
    assert again["attached"] == hashlib.sha256(document).hexdigest()
    assert "已附" in refused.text
    data = {**{name: again[name] for name in again if name != "action"}, "reason": "法审补正"}
    assert (await officer.post(again["action"], data=data)).status_code == 303
    page = (await officer.get(f"{PAGE}/projects/{project}")).text
    assert page.count(again["attached"]) >= 2


async def test_the_same_document_is_kept_once_and_a_project_takes_only_so_many(
    city: Acting, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = await city.project()
    officer = await signed_in(city.system)
    for word, typed in (("pause", {"reason": "法审补正"}), ("resume", {})):
        assert (await attached(officer, await drawn(officer, project, word), PDF, **typed)).status_code == 303
    pool = city.system.services["command-office"].database.pool
    assert await pool.fetchval("SELECT count(*) FROM kept_document") == 1
    monkeypatch.setattr(store, "MOST_OF_A_PROJECT", 1)
    full = await attached(officer, await drawn(officer, project, "complete"), PDF + b"\n%%EOF")
    assert full.status_code == 409
    assert "a project takes at most" in full.text


async def test_nothing_is_kept_for_whoever_may_not_act(city: Acting) -> None:
    project = await city.project()
    officer, auditor = await signed_in(city.system), await signed_in(city.system, "auditor")
    form = await drawn(officer, project, "complete")
    proof = form_in((await officer.get(f"{PAGE}/projects/{project}")).text, "complete")["proof"]
    theirs = (await auditor.get(f"{PAGE}/")).text
    assert proof not in theirs
    proof = theirs.split('name="proof" value="')[1].split('"')[0]
    assert (await attached(auditor, {**form, "proof": proof}, PDF)).status_code == 403
    assert (
        await city.system.services["command-office"].database.pool.fetchval("SELECT count(*) FROM kept_document") == 0
    )
