"""`sikua config`: the settings in force and where each comes from; secrets are masked."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict

from sikua_chassis.settings import ServiceSettings, explain, unknown_variables


def run(*, as_json: bool) -> None:
    """Print every setting; a variable with our prefix that no setting has is pointed out on standard error."""
    settings = explain(ServiceSettings())
    if as_json:
        print(json.dumps([asdict(setting) for setting in settings], ensure_ascii=False, indent=1))
    else:
        width = max(len(setting.name) for setting in settings)
        for setting in settings:
            print(f"{setting.name:<{width}}  {setting.value or '–':<36}  {setting.source}")
    for name in unknown_variables():
        print(f"{name}: 没有这个设置,可能拼写有误 · no such setting, perhaps a slip of the pen", file=sys.stderr)
