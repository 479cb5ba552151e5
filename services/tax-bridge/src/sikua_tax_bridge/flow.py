"""Everything that makes the tax bridge act is what makes every bridge act; the table is in `sikua_bridge.flow`."""

from __future__ import annotations

from sikua_bridge.flow import bridge_flow

FLOW = bridge_flow("tax-bridge")
