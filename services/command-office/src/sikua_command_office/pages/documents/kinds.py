"""What kind of document some bytes are, told by the content and never by the name.

PDF (ISO 32000: header and end mark), PNG (signature, header and end chunk), JPEG (start and end of image), OFD
(GB/T 33190: a ZIP whose root holds OFD.xml in the namespace of the standard).
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from dataclasses import dataclass
from typing import Final

LARGEST_BYTES: Final = 20 * 1024 * 1024
_TAIL: Final = 2048
_LARGEST_ROOT: Final = 64 * 1024
_MOST_ENTRIES: Final = 20_000
_LONGEST_NAME: Final = 40
_OFD: Final = b"http://www.ofdspec.org/2016"
_UNFIT: Final = re.compile(r'[\x00-\x1f\x7f-\x9f/\\:*?"<>|()\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]+')


@dataclass(frozen=True)
class Kind:
    """A kind of document: its media type, the end of its name, and what people call it."""

    media_type: str
    suffix: str
    name: str


PDF: Final = Kind("application/pdf", ".pdf", "PDF")
PNG: Final = Kind("image/png", ".png", "PNG")
JPEG: Final = Kind("image/jpeg", ".jpg", "JPEG")
OFD: Final = Kind("application/ofd", ".ofd", "OFD")
KINDS: Final = (PDF, PNG, JPEG, OFD)
_MOST: Final = f"{LARGEST_BYTES >> 20} MB"
EXPECTED: Final = f"PDF、OFD、PNG 或 JPEG，不超过 {_MOST} · PDF, OFD, PNG or JPEG of at most {_MOST}"


def kind_of(content: bytes) -> Kind | None:
    """The kind of a whole document; None for any other, and for one that is cut off."""
    tail = content[-_TAIL:]
    if re.match(rb"%PDF-[12]\.\d", content):
        return PDF if b"%%EOF" in tail else None
    if content.startswith(b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"):
        return PNG if b"IEND\xaeB`\x82" in tail else None
    if content.startswith(b"\xff\xd8\xff"):
        return JPEG if b"\xff\xd9" in tail else None
    return OFD if content.startswith(b"PK\x03\x04") and _is_ofd(content) else None


def told(content: bytes) -> str:
    """What came instead, in a word."""
    if not content:
        return "空文件 · an empty file"
    if content.startswith((b"%PDF", b"\x89PNG", b"\xff\xd8\xff")):
        return "不完整的文件 · a file that is cut off or damaged"
    if content.startswith(b"PK\x03\x04"):
        return "非 OFD 的 ZIP 文件 · a ZIP file that is no OFD"
    return "其他类型的内容 · content of another kind"


def safe_name(given: str, kind: Kind) -> str:
    """A file's name fit to be shown and saved: no path, no hidden signs, short, ending as its content says."""
    plain = _UNFIT.sub(" ", given.replace("\\", "/").rpartition("/")[2]).strip(" .")
    stem = plain.rpartition(".")[0] or plain
    return f"{stem[:_LONGEST_NAME].strip(' .') or '文件'}{kind.suffix}"


def _is_ofd(content: bytes) -> bool:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = archive.namelist()
            if len(names) > _MOST_ENTRIES or "OFD.xml" not in names:
                return False
            with archive.open("OFD.xml") as root:
                return _OFD in root.read(_LARGEST_ROOT)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, ValueError, NotImplementedError):
        return False
