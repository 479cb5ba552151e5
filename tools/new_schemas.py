"""`newest.sql` beside migrations makes a new schema at once; with `--check`, only say whether one is stale."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

from sikua_chassis.migrate import CHASSIS_MIGRATIONS, CHASSIS_VERSION, SCRIPT, SERVICE_VERSION
from sikua_chassis.upgrading import as_script

ROOT = Path(__file__).parents[1]
HEAD = "-- Generated from the migrations by `make docs`; `make check` fails when it is stale.\n\n"


def scripts(root: Path) -> Iterator[tuple[Path, str]]:
    """Each script below this folder with what it has to say."""
    for pattern in ("libs/*/src/*/migrations", "services/*/src/*/migrations"):
        for folder in sorted(root.glob(pattern)):
            table = CHASSIS_VERSION if folder.samefile(CHASSIS_MIGRATIONS) else SERVICE_VERSION
            yield folder / SCRIPT, HEAD + as_script(folder, table)


def main() -> int:
    """0 when all are written or fresh, 1 when one is stale."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing, fail when stale")
    check = parser.parse_args().check
    stale = [
        (path, text) for path, text in scripts(ROOT) if not path.is_file() or path.read_text(encoding="utf-8") != text
    ]
    for path, text in stale:
        if check:
            print(f"stale: {path.relative_to(ROOT)}; write it with make docs", file=sys.stderr)
        else:
            path.write_text(text, encoding="utf-8")
    return 1 if check and stale else 0


if __name__ == "__main__":
    sys.exit(main())
