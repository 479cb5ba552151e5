"""`sikua token`: a bearer token of the local issuer, for trying the APIs on one's own machine."""

from __future__ import annotations

from pathlib import Path

from sikua_chassis.auth.issuer import LocalIssuer
from sikua_chassis.auth.roles import Role

from sikua_cli.launcher.place import Place
from sikua_cli.trouble import Exit, Trouble


def run(directory: Path, role: str, *, division: str, unit: str, name: str, hours: int) -> None:
    """Print the token alone, so that `$(sikua token --as auditor)` works."""
    print(issued(Place(directory), role, division=division, unit=unit, name=name, hours=hours))


def issued(place: Place, role: str, *, division: str, unit: str, name: str, hours: int) -> str:
    """A token of the place's own issuer. Raises Trouble for a role nobody knows, and where nothing was started yet."""
    known = [known.value for known in Role]
    if role not in known:
        raise Trouble(
            f"没有角色 {role},可用:{'、'.join(known)}", f"no role {role}; there are {', '.join(known)}", Exit.REFUSED
        )
    if not place.issuer_key.exists():
        raise Trouble(
            f"{place.root} 中没有本机签发密钥,请先执行 sikua up 或 make demo",
            f"no local issuer key in {place.root}: run sikua up or make demo first",
            Exit.NOT_RUNNING,
        )
    issuer = LocalIssuer.at(place.issuer_key)
    return issuer.issue(
        f"local:{unit or role}.{division}",
        roles=[role],
        name=name or f"{role} (local)",
        unit=unit or f"{role}.{division}",
        division=division,
        lifetime_seconds=hours * 3600,
    )
