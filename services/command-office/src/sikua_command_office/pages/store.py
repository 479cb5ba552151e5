"""One-time codes and the officers' sessions: only fingerprints of secrets, and tokens sealed with the secrets themselves.

Who reads these tables can neither sign in nor use anybody's token. A code is taken by deleting it, so it works once,
whichever process answers.
"""

from __future__ import annotations

from datetime import datetime

from sikua_chassis.session import Session


def keep_code(session: Session, fingerprint: str, sealed: str, expires_at: datetime) -> None:
    """Write a new code down."""
    session.gather(
        "INSERT INTO sign_in_code (fingerprint, sealed, expires_at) VALUES ($1, $2, $3)",
        fingerprint,
        sealed,
        expires_at,
    )


async def take_code(session: Session, fingerprint: str, now: datetime) -> str | None:
    """The sealed token of a code that is still good; the code is gone afterwards, good or not."""
    await session.execute("DELETE FROM sign_in_code WHERE expires_at <= $1", now)
    sealed = await session.fetchval("DELETE FROM sign_in_code WHERE fingerprint = $1 RETURNING sealed", fingerprint)
    return None if sealed is None else str(sealed)


async def keep_session(session: Session, fingerprint: str, sealed: str, expires_at: datetime, now: datetime) -> None:
    """Write a session down, and forget those that have ended."""
    await session.execute("DELETE FROM officer_session WHERE expires_at <= $1", now)
    session.gather(
        "INSERT INTO officer_session (fingerprint, sealed, expires_at) VALUES ($1, $2, $3)",
        fingerprint,
        sealed,
        expires_at,
    )


async def sealed_of(session: Session, fingerprint: str, now: datetime) -> str | None:
    """The sealed token of a session that has not ended."""
    sealed = await session.fetchval(
        "SELECT sealed FROM officer_session WHERE fingerprint = $1 AND expires_at > $2", fingerprint, now
    )
    return None if sealed is None else str(sealed)


def end_session(session: Session, fingerprint: str) -> None:
    """Sign out."""
    session.gather("DELETE FROM officer_session WHERE fingerprint = $1", fingerprint)
