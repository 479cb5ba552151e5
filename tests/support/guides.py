"""Runs the commands of a guide as its reader would: shell blocks of a Markdown file, in order, in one shell."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
BLOCK = re.compile(r"^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)
MARK = "--- block ---"


def blocks(guide: Path) -> list[str]:
    """The shell blocks of a guide."""
    return BLOCK.findall(guide.read_text(encoding="utf-8"))


def play(guide: Path, folder: Path, environment: dict[str, str], seconds: float = 240.0) -> list[str]:
    """What each block printed. Raises AssertionError with everything said when a command fails.

    The reader stands in `folder`, where `.venv` leads to this Python; a machine without curl gets a small one.
    """
    (folder / ".venv").symlink_to(sys.prefix)
    if shutil.which("curl") is None:
        _curl(folder / "bin")
        environment = {**environment, "PATH": f"{folder / 'bin'}:{environment['PATH']}"}
    script = "\n".join(f"{block}\necho; echo '{MARK}'" for block in blocks(guide))
    ended = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=seconds,
        check=False,
    )
    assert ended.returncode == 0, f"{ended.stdout}\n{ended.stderr}"
    return ended.stdout.split(MARK)[:-1]


def _curl(folder: Path) -> None:
    folder.mkdir()
    program = folder / "curl"
    program.write_text(f"#!{sys.executable}\n{(ROOT / 'tests/support/small_curl.py').read_text(encoding='utf-8')}")
    program.chmod(0o755)
