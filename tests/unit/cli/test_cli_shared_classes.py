"""What one JVM has loaded the next one maps, and it does without where that can't be."""

from __future__ import annotations

import os
import subprocess
import zipfile
from pathlib import Path

import pytest
from sikua_cli.launcher import jars
from sikua_cli.launcher.shared_classes import SharedClasses

JAVA = (str(jars.java()), "-XX:+UseSerialGC")
BY_FORCE = "-Xshare:on"
"""The JVM does not start without the archive that it was told of."""


@pytest.fixture
def jar(tmp_path: Path) -> Path:
    """The only jar of all."""
    made = tmp_path / "jars" / "a-1.jar"
    made.parent.mkdir()
    with zipfile.ZipFile(made, "w") as jar:
        jar.writestr("a.txt", "a")
    return made


@pytest.fixture
def classes(tmp_path: Path, jar: Path) -> SharedClasses:
    """Noted by a JVM that has come up."""
    noted = SharedClasses(tmp_path)
    with subprocess.Popen((*JAVA, *noted.mapping(), *noted.noting(), "-cp", str(jar), "-version")) as program:
        assert program.wait(60) == 0
    noted.noted(program.pid)
    return noted


def starts(classes: SharedClasses, jar: Path, *more: str) -> bool:
    """Whether a JVM does with what there is."""
    program = (*JAVA, *more, *classes.mapping(), "-cp", str(jar), "-version")
    return subprocess.run(program, capture_output=True, check=False, timeout=60).returncode == 0


def test_what_was_noted_is_mapped_from_the_next_start_on_and_a_broken_archive_is_gone_without(
    classes: SharedClasses, jar: Path
) -> None:
    assert classes.mapping() == ()
    classes.make(JAVA, str(jar))
    assert classes.noting() == ()
    assert starts(classes, jar, BY_FORCE)
    content = classes.archive.read_bytes()
    for broken in (b"", b"no archive", content[: len(content) // 2]):
        classes.archive.write_bytes(broken)
        assert not starts(classes, jar, BY_FORCE)
        assert starts(classes, jar)


def test_other_jars_have_an_archive_of_their_own_and_the_former_one_goes(classes: SharedClasses, jar: Path) -> None:
    (former := classes.archive).touch()
    os.utime(jar, (0, 0))
    assert classes.archive != former
    assert classes.mapping() == ()
    classes.archive.with_suffix(".list").write_text("java/lang/Object id: 0\n")
    classes.make(("/bin/false",), str(jar))
    assert not former.exists()


def test_an_archive_that_can_not_be_made_is_not_tried_again(classes: SharedClasses, jar: Path) -> None:
    classes.make(("/bin/false",), str(jar))
    assert classes.archive.read_bytes() == b""
    assert starts(classes, jar)
    classes.make(("/no/such/program",), str(jar))


def test_a_line_that_is_not_written_out_is_not_kept(tmp_path: Path, classes: SharedClasses) -> None:
    (option,) = classes.noting()
    written = Path(option.partition("=")[2].replace("%p", "pid7"))
    written.write_text("java/lang/Object id: 0\njava/lang/Str")
    classes.noted(7)
    assert classes.archive.with_suffix(".list").read_text() == "java/lang/Object id: 0\n"
    assert list(tmp_path.glob("*.fresh")) == []
