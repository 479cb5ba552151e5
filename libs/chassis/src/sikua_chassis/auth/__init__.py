"""Who asks, and what they may: principals, roles and their scopes, tokens and the local issuer."""

from sikua_chassis.auth.principal import Principal

__all__ = ["Principal"]
