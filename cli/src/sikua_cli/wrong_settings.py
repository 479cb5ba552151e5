"""A setting that cannot be read ends the command with its name and what was expected, not with a traceback."""

from __future__ import annotations

from pydantic import ValidationError
from sikua_chassis.bus.access import AccessRefused
from sikua_chassis.settings import PREFIX

from sikua_cli.trouble import Exit, Trouble


def trouble_with_settings(error: Exception) -> Trouble | None:
    """The trouble behind an error of reading settings; None for any other error."""
    if isinstance(error, ValidationError) and error.title.endswith("Settings"):
        between = "…_BRIDGE_" if error.title == "BridgeSettings" else ""
        told = "; ".join(
            f"{PREFIX}{between}{'_'.join(map(str, flaw['loc'])).upper()}: {flaw['msg']}"
            for flaw in error.errors(include_url=False, include_input=False)
        )
    elif isinstance(error, AccessRefused) or type(error).__name__ == "SettingsError":
        told = str(error)
    else:
        return None
    return Trouble(f"设置有误:{told}", f"a setting cannot be used: {told}", Exit.REFUSED)
