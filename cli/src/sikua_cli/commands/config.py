"""`sikua config`: the settings in force and where each comes from; secrets are masked."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict

from sikua_bridge.settings import settings_of
from sikua_chassis.settings import PREFIX, ServiceSettings, Setting, explain, unknown_variables
from sikua_contracts.topics import SERVICES
from sikua_notifier.app import NotifierSettings

OF_THE_COMMAND = ("SIKUA_DIRECTORY", "SIKUA_URL", "SIKUA_TOKEN")
"""Variables that the command reads itself: where data lie, whom it asks, and with which token."""


def in_force() -> list[Setting]:
    """Settings that all services share, then those of the notifier, then those of each bridge."""
    settings = {setting.name: setting for setting in (*explain(ServiceSettings()), *explain(NotifierSettings()))}
    for service in SERVICES:
        if service.endswith("-bridge"):
            prefix = f"{PREFIX}{service.upper().replace('-', '_')}_"
            settings |= {setting.name: setting for setting in explain(settings_of(service), prefix)}
    return list(settings.values())


def run(*, as_json: bool) -> None:
    """Print every setting; a variable with our prefix that no setting has is pointed out on standard error."""
    settings = in_force()
    if as_json:
        print(json.dumps([asdict(setting) for setting in settings], ensure_ascii=False, indent=1))
    else:
        width = max(len(setting.name) for setting in settings)
        for setting in settings:
            print(f"{setting.name:<{width}}  {setting.value or '–':<36}  {setting.source}")
    for name in unknown_variables([*OF_THE_COMMAND, *(setting.name for setting in settings)]):
        print(f"{name}: 没有这个设置,可能拼写有误 · no such setting, perhaps a slip of the pen", file=sys.stderr)
