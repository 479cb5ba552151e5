"""How the command ends: trouble becomes one sentence and an exit status, wherever the work was done."""

from __future__ import annotations

import sys
from collections.abc import Callable

from sikua_cli.trouble import Exit, Trouble


def exit_status(work: Callable[[], object]) -> int:
    """Do this, say on standard error what went wrong, and return the exit status. Faults of ours are raised."""
    try:
        work()
    except Trouble as trouble:
        print(trouble, file=sys.stderr)
        return int(trouble.exit_status)
    except KeyboardInterrupt:
        return 130
    except ValueError as error:
        from sikua_cli.wrong_settings import trouble_with_settings

        wrong = trouble_with_settings(error)
        if wrong is None:
            raise
        print(wrong, file=sys.stderr)
        return int(wrong.exit_status)
    except BrokenPipeError:
        # The reader of our output has gone (`sikua feed | head`): nobody is left to be told.
        sys.stderr.close()
    return int(Exit.FINE)
