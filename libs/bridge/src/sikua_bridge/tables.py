"""The tables of a bridge's schema are declared on one metadata of their own; each noun's store declares its tables."""

from __future__ import annotations

from sqlalchemy import MetaData
from sqlmodel import SQLModel


class BridgeTable(SQLModel):
    """Base of every table of a bridge."""

    metadata = MetaData()
