"""A system believes the issuer that its settings name, and the local one only when they name none."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sikua_chassis.auth.issuer import LocalIssuer
from sikua_chassis.auth.tokens import TokenRefused
from sikua_chassis.errors import EnvironmentFault
from sikua_chassis.settings import ServiceSettings
from sikua_cli.launcher.place import Place
from sikua_cli.launcher.running import Wanted
from sikua_cli.launcher.trust import shown, trusted
from sikua_cli.trouble import Exit, Trouble

CITY = LocalIssuer.fresh(issuer="https://id.example.gov.cn")


@pytest.fixture
def wanted(tmp_path: Path) -> Wanted:
    """A place with a local issuer."""
    LocalIssuer.at(Place(tmp_path).issuer_key)
    return Wanted(Place(tmp_path), port=0)


def settings(wanted: Wanted, **more: Any) -> ServiceSettings:
    """The settings as the launcher has them."""
    return ServiceSettings(local_issuer_key=str(wanted.place.issuer_key), **more)


@pytest.fixture
def keys_of_the_city(tmp_path: Path) -> str:
    """A file with the public keys of the city's issuer."""
    path = tmp_path / "jwks.json"
    path.write_text(json.dumps(CITY.jwks()), encoding="utf-8")
    return str(path)


async def test_without_an_issuer_in_the_settings_the_local_one_is_believed(wanted: Wanted) -> None:
    local = LocalIssuer.at(wanted.place.issuer_key)
    believed = trusted(settings(wanted), local, wanted)
    assert (await believed.verify(local.issue("wang", roles=["auditor"]))).sub == "wang"


async def test_the_issuer_of_the_settings_is_believed_and_the_local_one_no_longer(
    wanted: Wanted, keys_of_the_city: str
) -> None:
    local = LocalIssuer.at(wanted.place.issuer_key)
    believed = trusted(settings(wanted, oidc_issuer=CITY.issuer, jwks=keys_of_the_city), local, wanted)
    assert (await believed.verify(CITY.issue("wang", roles=["auditor"]))).sub == "wang"
    with pytest.raises(TokenRefused):
        await believed.verify(local.issue("wang", roles=["auditor"]))


async def test_made_up_people_are_believed_by_the_local_issuer_alone(wanted: Wanted, keys_of_the_city: str) -> None:
    local = LocalIssuer.at(wanted.place.issuer_key)
    demo = Wanted(wanted.place, port=0, begins=datetime(2026, 3, 2, tzinfo=UTC))
    believed = trusted(settings(wanted, oidc_issuer=CITY.issuer, jwks=keys_of_the_city), local, demo)
    assert (await believed.verify(local.issue("wang", roles=["auditor"]))).sub == "wang"


def test_an_issuer_without_keys_ends_the_start_with_a_sentence(wanted: Wanted) -> None:
    with pytest.raises(Trouble, match="SIKUA_JWKS") as raised:
        trusted(settings(wanted, oidc_issuer=CITY.issuer), LocalIssuer.fresh(), wanted)
    assert raised.value.exit_status is Exit.REFUSED


def test_a_key_that_cannot_be_made_or_read_ends_the_start_with_a_sentence(wanted: Wanted, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    given = ServiceSettings(local_issuer_key=str(tmp_path / "file" / "issuer.jwk"))
    with pytest.raises(Trouble, match=r"本机签发密钥不可用.*issuer\.jwk cannot be used") as raised:
        trusted(given, LocalIssuer.fresh(), wanted)
    assert raised.value.exit_status is Exit.REFUSED


async def test_services_show_each_other_what_the_city_gave_them_and_read_it_again(
    wanted: Wanted, keys_of_the_city: str, tmp_path: Path
) -> None:
    bearer = tmp_path / "bearer"
    bearer.write_text("first\n", encoding="utf-8")
    show = shown(settings(wanted, jwks=keys_of_the_city, service_bearer_file=str(bearer)))
    assert show() == "first"
    bearer.write_text("second\n", encoding="utf-8")
    assert show() == "second"


async def test_a_token_file_that_is_not_there_yet_is_waited_for(
    wanted: Wanted, keys_of_the_city: str, tmp_path: Path
) -> None:
    bearer = tmp_path / "bearer"
    show = shown(settings(wanted, jwks=keys_of_the_city, service_bearer_file=str(bearer)))
    with pytest.raises(EnvironmentFault, match="cannot be read: No such file"):
        show()
    bearer.write_text("here", encoding="utf-8")
    assert show() == "here"


async def test_a_token_of_the_local_issuer_is_shown_to_nobody_who_believes_the_city(
    wanted: Wanted, keys_of_the_city: str
) -> None:
    assert shown(settings(wanted, jwks=keys_of_the_city))() == ""
    believed = LocalIssuer.at(wanted.place.issuer_key).verifier()
    assert (await believed.verify(shown(settings(wanted))())).roles == frozenset({"service"})
