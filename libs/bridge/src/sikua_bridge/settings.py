"""A bridge's own settings: `SIKUA_<BRIDGE>_…`, for example `SIKUA_TAX_BRIDGE_DEPARTMENT_URL`, or from `.env`."""

from __future__ import annotations

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

SIMULATED_SECRET = "opens-simulated-departments-only"


class BridgeSettings(BaseSettings):
    """How a bridge reaches its department, and what it may let out.

    `granted_fields` names fields that leave only under a grant (exact tax amounts). Rates are per process.
    """

    model_config = SettingsConfigDict(env_file=".env", extra="ignore", frozen=True)

    department_url: str = Field(default="", description="base URL; empty: the simulated department on this machine")
    app_id: str = Field(default="", description="empty: the name agreed with the simulated department")
    secret: SecretStr = SecretStr(SIMULATED_SECRET)
    push_secret: SecretStr = SecretStr(SIMULATED_SECRET)
    calls_per_second: float = Field(default=200.0, ge=0.05)
    most_in_flight: int = Field(default=8, ge=1, le=200)
    timeout_seconds: float = Field(default=10.0, gt=0, le=40)
    breaker_threshold: int = Field(default=10, ge=1)
    breaker_rest_seconds: float = Field(default=1.0, gt=0)
    retry_first_seconds: float = Field(default=0.5, gt=0)
    retry_attempts: int = Field(default=8, ge=1)
    granted_fields: frozenset[str] = frozenset()


def settings_of(service: str) -> BridgeSettings:
    """The settings in force for a bridge by its service name."""
    return BridgeSettings(_env_prefix=f"SIKUA_{service.upper().replace('-', '_')}_")
