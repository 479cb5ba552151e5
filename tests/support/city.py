"""The whole system of a journey: the services, and the mail server that notices reach."""

from __future__ import annotations

from dataclasses import dataclass

from sikua_simulators.channels import Channels
from support.system import System


@dataclass
class City:
    """The running system with its mail server."""

    system: System
    channels: Channels
