"""A nursery whose services do no more than to tell what they are, to fail, or to wait: `python -m support.tending`."""

from __future__ import annotations

import json
import os
import random
import signal
import sys
import types
from pathlib import Path

from sikua_cli.launcher import nursery_process
from sikua_cli.trouble import Exit, Trouble
from sikua_contracts.envelope import new_id


def run(service: str, *, until_stdin_ends: bool) -> None:
    """What stands in for `sikua serve`."""
    assert until_stdin_ends
    match service:
        case "tells":
            print(json.dumps(_told()))
        case "fails":
            raise Trouble("失败", "it fails", Exit.REFUSED)
        case "stays":
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            os.read(0, 1)
        case _:
            os.read(0, 1)


def _told() -> dict[str, object]:
    return {
        "ids": [new_id() for _ in range(50)],
        "chance": random.random(),
        "own": os.environ.get("OWN"),
        "open": len(os.listdir("/proc/self/fd")),
        "session": os.getsid(0) == os.getpid(),
        "command": Path("/proc/self/cmdline").read_text().split("\0"),
        "default": [signal.getsignal(number) == signal.SIG_DFL for number in (signal.SIGTERM, signal.SIGCHLD)],
    }


if __name__ == "__main__":
    # What draws by chance has done so before the fork, as it may have in the nursery.
    random.random()
    new_id()
    serving = types.ModuleType("sikua_cli.commands.serve")
    vars(serving)["run"] = run
    sys.modules[serving.__name__] = serving
    nursery_process.LATE = ()
    sys.argv[1:] = []
    sys.exit(nursery_process.main())
