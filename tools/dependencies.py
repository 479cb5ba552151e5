"""Every package declares what it imports, and imports what it declares: deptry over all of them with one configuration."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]


def main() -> int:
    """Run deptry in each package of the workspace; 1 when one of them has findings."""
    tools = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]
    ignored = tools["deptry"]["per_rule_ignores"]
    ignores = ",".join(f"{rule}={'|'.join(names)}" for rule, names in ignored.items())
    members = tools["uv"]["workspace"]["members"]
    return 1 if sum(_has_findings(ROOT / member, ignores) for member in members) else 0


def _has_findings(package: Path, ignores: str) -> bool:
    command = [sys.executable, "-m", "deptry", "--no-ansi", "--per-rule-ignores", ignores, "src"]
    ended = subprocess.run(command, cwd=package, capture_output=True, text=True, check=False)
    if ended.returncode:
        print(f"{package.relative_to(ROOT)}:\n{ended.stdout}{ended.stderr}", file=sys.stderr)
    return ended.returncode != 0


if __name__ == "__main__":
    sys.exit(main())
