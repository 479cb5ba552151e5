"""What can keep the command from doing its work, said in one sentence in both languages, with what to do."""

from __future__ import annotations

from enum import IntEnum

from sikua_chassis.errors import SikuaError


class Exit(IntEnum):
    """What the command's exit status means; 2 is typer's own for wrong usage."""

    FINE = 0
    FAILED = 1
    NOT_RUNNING = 3
    ALREADY_RUNNING = 4
    PORT_TAKEN = 5
    REFUSED = 6
    MACHINE = 7


class Trouble(SikuaError):
    """Ends the command with one sentence and an exit status, without a traceback."""

    def __init__(self, zh: str, en: str, exit_status: Exit = Exit.FAILED) -> None:
        super().__init__(f"{zh} · {en}")
        self.exit_status = exit_status
