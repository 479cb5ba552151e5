"""A document's kind follows from its content; its name is made harmless; a text names it so that it is found again."""

from __future__ import annotations

import io
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sikua_command_office.pages.documents.kinds import JPEG, OFD, PDF, PNG, Kind, kind_of, safe_name, told
from sikua_command_office.pages.documents.reference import naming, pieces

A_PDF = b"%PDF-1.4\n...\n%%EOF\n"
A_PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + b"\0" * 17 + b"\0\0\0\0IEND\xaeB`\x82"
A_JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF" + b"\0" * 9 + b"\xff\xd9"
SHA = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"


def archive(**entries: bytes) -> bytes:
    """A ZIP with these files at its root."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as opened:
        for name, content in entries.items():
            opened.writestr(name.replace("_", "."), content)
    return made.getvalue()


AN_OFD = archive(OFD_xml=b'<OFD xmlns="http://www.ofdspec.org/2016"/>')


@pytest.mark.parametrize(("content", "kind"), [(A_PDF, PDF), (A_PNG, PNG), (A_JPEG, JPEG), (AN_OFD, OFD)])
def test_the_four_kinds_are_told_by_their_content(content: bytes, kind: Kind) -> None:
    assert kind_of(content) is kind


@pytest.mark.parametrize("content", [A_PDF, A_PNG, A_JPEG, AN_OFD])
def test_what_is_cut_off_is_no_document(content: bytes) -> None:
    assert kind_of(content[: len(content) // 2]) is None


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"PK\x03\x04 not an archive",
        archive(word_xml=b"<document/>"),
        archive(OFD_xml=b"<OFD xmlns='elsewhere'/>"),
        b"<svg onload='alert(1)'/>",
        b"%PDF-9.9\n%%EOF",
        b"GIF89a",
    ],
)
def test_everything_else_is_told_to_be_something_else(content: bytes) -> None:
    assert kind_of(content) is None
    assert "·" in told(content)


@given(st.binary(max_size=400))
def test_any_bytes_are_judged_without_failing(content: bytes) -> None:
    assert kind_of(content) in (None, PDF, JPEG)
    assert kind_of(b"PK\x03\x04" + content) is None


@given(st.text(max_size=200))
def test_any_name_becomes_one_that_can_be_saved_shown_and_found_again(given_name: str) -> None:
    name = safe_name(given_name, PDF)
    assert name.endswith(".pdf")
    assert len(name) <= 44
    assert not set(name) & set('/\\:*?"<>|()\n\r\t\u202e')
    assert [piece for piece in pieces(naming("函1", name, SHA)) if piece[1]] == [(name, SHA)]


def test_a_name_keeps_what_people_know_it_by() -> None:
    assert safe_name("C:\\文件\\能评批复(终稿).docx", PDF) == "能评批复 终稿.pdf"
    assert safe_name("../../etc/passwd", PNG) == "passwd.png"
    assert safe_name("", JPEG) == "文件.jpg"


@given(st.text(max_size=80))
def test_a_text_in_pieces_is_the_text(text: str) -> None:
    assert "".join(piece for piece, _ in pieces(text)) == text


def test_a_document_alone_is_named_alone() -> None:
    assert naming("", "a.pdf", SHA) == f"(a.pdf sha256:{SHA})"
    assert list(pieces(f"依据 (a.pdf sha256:{SHA})。")) == [("依据 ", None), ("a.pdf", SHA), ("。", None)]


def test_of_a_hash_that_a_sentence_has_shortened_only_the_name_stays() -> None:
    assert list(pieces(f"凭文件函1 (a.pdf sha256:{SHA[:20]}…,超期")) == [
        ("凭文件函1 ", None),
        ("a.pdf", None),
        (",超期", None),
    ]
