"""Certificates open the central broker until they are rotated or revoked."""

import asyncio
import io
import json
import shutil
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import trustme
from aiohttp import web
from cryptography import x509
from fleet.__main__ import main
from rich.console import Console

from .central_broker import broker, needs_mosquitto
from .fake_balena import serve
from .operator import accepted, enrolled, listed, operator, serial, token_hash, ven_id


@asynccontextmanager
async def fake_enrolment(serials: Mapping[str, Sequence[str]]) -> AsyncIterator[str]:
    """Run an enrolment service that has issued these."""

    async def tell(request: web.Request) -> web.Response:
        found = serials.get(request.match_info["ven_id"])
        return web.Response(status=404) if found is None else web.json_response({"serials": found})

    application = web.Application()
    application.router.add_get("/enrolments/{ven_id}", tell)
    async with serve(application) as url:
        yield url


@needs_mosquitto
async def test_a_real_broker_lets_a_home_in_until_it_is_revoked_and_keeps_letting_others_in(
    tmp_path: Path,
) -> None:
    async with enrolled(tmp_path, 1, 2) as someone, broker(someone, tmp_path) as central:
        assert await central.lets_in_home(someone, 1)
        await someone.done("revoke", ven_id(1))
        await central.read_revocation_list()
        assert not await central.lets_in_home(someone, 1)
        assert await central.lets_in_home(someone, 2)


@needs_mosquitto
async def test_a_real_broker_refuses_a_certificate_of_another_authority(tmp_path: Path) -> None:
    async with enrolled(tmp_path, 1) as someone, broker(someone, tmp_path) as central:
        foreign = trustme.CA().issue_cert(common_name=ven_id(1))
        foreign.cert_chain_pems[0].write_to_path(tmp_path / "foreign.pem")
        foreign.private_key_pem.write_to_path(tmp_path / "foreign.key")
        assert not await central.lets_in(tmp_path / "foreign.pem", tmp_path / "foreign.key")


@needs_mosquitto
async def test_while_a_home_is_rotated_both_certificates_open_the_broker_and_then_only_the_new_one(
    tmp_path: Path,
) -> None:
    async with enrolled(tmp_path, 1) as someone, broker(someone, tmp_path) as central:
        home = someone.folder / "homes" / ven_id(1)
        old = tmp_path / "old"
        shutil.copytree(home, old)
        someone.balena.health_of_all(lambda _: None)  # the home does not confirm
        assert (await someone.run("rotate", ven_id(1), "--wait", "50ms")).code == 1
        await central.read_revocation_list()
        assert await central.lets_in(old / "certificate.pem", old / "private_key.pem")
        new = home / "next"
        assert await central.lets_in(new / "certificate.pem", new / "private_key.pem")
        someone.balena.health_of_all(lambda _: "ok")
        await someone.done("rotate", ven_id(1))
        await central.read_revocation_list()
        assert not await central.lets_in(old / "certificate.pem", old / "private_key.pem")
        assert await central.lets_in_home(someone, 1)


async def test_old_credentials_are_revoked_only_after_a_healthy_heartbeat_with_the_new(
    tmp_path: Path,
) -> None:
    async with enrolled(tmp_path, 1) as someone:
        old_serial, old_hash = serial(someone.file(1, "certificate.pem")), token_hash(someone, 1)
        someone.balena.health_of_all(lambda _: "broker unreachable")
        waiting = await someone.run("rotate", ven_id(1), "--wait", "50ms")
        assert waiting.code == 1
        assert "old credentials still work" in waiting.output
        assert not listed(someone)
        assert set(accepted(someone)[ven_id(1)]) == {old_hash, token_hash(someone, 1)}
        assert "changed nothing" in await someone.done("variables")
        handed_over = token_hash(someone, 1)
        someone.balena.health_of_all(lambda _: "ok")
        await someone.done("rotate", ven_id(1))
        assert listed(someone) == {old_serial}
        assert accepted(someone) == {ven_id(1): [handed_over]}
        assert token_hash(someone, 1) == handed_over
        assert not (someone.folder / "homes" / ven_id(1) / "rotation.json").exists()


async def test_a_rotation_revokes_what_a_code_was_exchanged_for_and_prints_a_new_sheet(
    tmp_path: Path,
) -> None:
    async with (
        fake_enrolment({ven_id(1): ["abc123"]}) as url,
        enrolled(tmp_path, 1, centre={"enrolment_url": url}) as someone,
    ):
        old, sheet = serial(someone.file(1, "certificate.pem")), someone.file(1, "job_sheet.html")
        assert "1 more" in await someone.done("status")
        someone.balena.health_of_all(lambda _: "ok")
        await someone.done("rotate", ven_id(1))
        assert listed(someone) == {old, 0xABC123}
        password = json.loads(someone.file(1, "credentials.json"))["access_point_password"]
        assert password in someone.file(1, "job_sheet.html")
        assert password not in sheet


async def test_a_rotation_that_cannot_ask_for_all_certificates_retires_nothing(tmp_path: Path) -> None:
    async with fake_enrolment({}) as url, enrolled(tmp_path, 1, centre={"enrolment_url": url}) as someone:
        path = someone.folder / "fleet.toml"
        path.write_text(path.read_text().replace(url, "http://127.0.0.1:9"))
        someone.balena.health_of_all(lambda _: "ok")
        outcome = await someone.run("rotate", ven_id(1))
        assert outcome.code == 1
        assert "cannot be reached" in outcome.output
        assert not listed(someone)
        assert (someone.folder / "homes" / ven_id(1) / "rotation.json").exists()


async def test_a_gateway_that_was_replaced_keeps_nothing_of_the_home(tmp_path: Path) -> None:
    async with enrolled(tmp_path, 1) as someone:
        balena = someone.balena
        assert balena.variable(balena.devices[1], "mosquitto", "HOME_PRIVATE_KEY")
        outcome = await someone.enrol(1, options=("--replace-device",), devices={1: 2})
        assert "removed from its old gateway" in outcome.output
        assert balena.variable(balena.devices[1], "mosquitto", "HOME_PRIVATE_KEY") is None
        await someone.done("variables")
        assert balena.variable(balena.devices[2], "mosquitto", "HOME_PRIVATE_KEY")
        await someone.done("erase", ven_id(1), "--confirm", ven_id(1))
        assert set(balena.purged) == {balena.devices[1].uuid, balena.devices[2].uuid}


async def test_a_heartbeat_from_before_the_home_can_have_changed_confirms_nothing(tmp_path: Path) -> None:
    async with enrolled(tmp_path, 1) as someone:
        path = someone.folder / "fleet.toml"
        path.write_text(path.read_text().replace('settle = "0s"', 'settle = "1h"'))
        assert (await someone.run("rotate", ven_id(1), "--wait", "50ms")).code == 1
        assert not listed(someone)


async def test_a_rotation_keeps_the_key_of_the_backups(tmp_path: Path) -> None:
    async with enrolled(tmp_path, 1) as someone:
        before = json.loads(someone.file(1, "credentials.json"))
        await someone.done("rotate", ven_id(1))
        after = json.loads(someone.file(1, "credentials.json"))
    assert after["backup_key"] == before["backup_key"]
    assert after["replication_token"] != before["replication_token"]


async def test_a_revoked_home_is_given_nothing_until_it_is_rotated(tmp_path: Path) -> None:
    async with enrolled(tmp_path, 1, 2) as someone:
        await someone.done("revoke", ven_id(1))
        assert set(accepted(someone)) == {ven_id(2)}
        assert (await someone.run("variables", ven_id(1))).code == 1
        assert (await someone.enrol(1)).code == 1
        assert "revoked" in await someone.done("status")
        await someone.done("rotate", ven_id(1))
        assert set(accepted(someone)) == {ven_id(1), ven_id(2)}


async def test_the_revocation_list_is_signed_anew_with_a_higher_number(tmp_path: Path) -> None:
    async with enrolled(tmp_path, 1) as someone:
        await someone.done("revoke", ven_id(1))
        path = someone.folder / "centre/crl.pem"
        before = x509.load_pem_x509_crl(path.read_bytes())
        await asyncio.sleep(1)  # numbers follow the clock, in seconds
        await someone.done("crl")
        after = x509.load_pem_x509_crl(path.read_bytes())
    number = x509.CRLNumber
    assert {entry.serial_number for entry in before} == {entry.serial_number for entry in after}
    assert (
        after.extensions.get_extension_for_class(number).value.crl_number
        > before.extensions.get_extension_for_class(number).value.crl_number
    )


async def test_the_status_shows_every_home_its_ring_and_its_health(tmp_path: Path) -> None:
    async with enrolled(tmp_path, 1) as someone:
        someone.balena.devices[2].health = lambda _: None
        output = await someone.done("status")
    assert ven_id(1) in output
    assert f"until {datetime.now(UTC).year + 2}" in output
    assert "silent" in output
    assert "not enrolled" in output


async def test_a_home_whose_clock_is_years_ahead_is_not_believed_to_be_well(tmp_path: Path) -> None:
    async with enrolled(tmp_path, 1) as someone:
        someone.balena.devices[1].clock_ahead = timedelta(days=3650)
        lines = {line["home"]: line for line in json.loads(await someone.done("status", "--json"))}
        told = await someone.done("status")
        # It cannot say whether it has its new certificate: the old one stays good.
        assert (await someone.run("rotate", ven_id(1), "--wait", "50ms")).code == 1
        assert not listed(someone)
    assert lines[ven_id(1)]["health"] == "silent"
    assert "ahead" in told


async def test_a_gateway_that_calls_itself_another_home_gets_nothing_of_that_home(tmp_path: Path) -> None:
    async with enrolled(tmp_path, 1, 2) as someone:
        thief = someone.balena.devices[2]
        thief.tags["ven_id"] = ven_id(1)
        own = someone.balena.variable(thief, "home_agent", "OPERATOR_SECRET")
        assert "changed nothing" in await someone.done("variables")
        await someone.done("rotate", ven_id(1))
        assert someone.balena.variable(thief, "home_agent", "OPERATOR_SECRET") == own
        assert someone.balena.variable(thief, "home_agent", "HOME_ID") == ven_id(2)
        assert listed(someone) & {serial(someone.file(2, "certificate.pem"))} == set()
        told = await someone.done("status")
    assert f"calls itself {ven_id(1)}, which it is not" in told


async def test_a_gateway_without_a_home_that_calls_itself_one_gets_nothing(tmp_path: Path) -> None:
    async with enrolled(tmp_path, 1) as someone:
        stranger = someone.balena.devices[2]
        stranger.tags["ven_id"] = ven_id(1)
        await someone.done("variables")
        await someone.done("rotate", ven_id(1))
        assert someone.balena.variable(stranger, "home_agent", "OPERATOR_SECRET") is None


@pytest.mark.parametrize(
    "said", ["[/x] down", "\x1b]0;owned\x07\x1b[2Jdown", "[red]down[/red]", "\u202edown"]
)
async def test_what_a_gateway_says_is_shown_as_it_is_and_moves_no_terminal(tmp_path: Path, said: str) -> None:
    async with enrolled(tmp_path, 1) as someone:
        device = someone.balena.devices[1]
        device.health, device.access_point = (lambda _: said), f"disabled: {said}"
        told = await someone.done("status")
        plan = await someone.done("rollout", "1.1.1", "--dry-run")
    assert "down" in told
    assert all(letter.isprintable() or letter == "\n" for letter in told + plan)


async def test_the_status_is_told_to_programs_and_by_health_and_counted(tmp_path: Path) -> None:
    async with enrolled(tmp_path, 1, 2) as someone:
        someone.balena.devices[2].health = lambda _: "broker unreachable"
        lines = json.loads(await someone.done("status", "--json"))
        assert [(line["home"], line["health"]) for line in lines[1:]] == [
            (ven_id(1), "healthy"),
            (ven_id(2), "unhealthy"),
        ]
        assert lines[2]["complaint"] == "broker unreachable"
        assert (lines[1]["runs"], lines[1]["should_run"]) == ("1.0.0", "1.0.0")
        told = await someone.done("status", "--only", "unhealthy")
        assert ven_id(1) not in told
        assert "3 homes: 2 healthy, 1 unhealthy" in told


async def test_the_status_says_why_an_access_point_is_off(tmp_path: Path) -> None:
    async with enrolled(tmp_path, 1, 2) as someone:
        someone.balena.devices[1].access_point = "disabled: connect a network cable"
        told = " ".join((await someone.done("status")).split())
        lines = {line["home"]: line for line in json.loads(await someone.done("status", "--json"))}
    assert told.count("access point") == 1
    assert "cable" in told
    assert lines[ven_id(1)]["access_point"] == "disabled: connect a network cable"
    assert lines[ven_id(2)]["access_point"] == "on: commissioning"


async def test_a_long_identity_is_told_whole_on_a_narrow_terminal(tmp_path: Path) -> None:
    async with operator(tmp_path, size=1) as someone:
        someone.balena.devices[1].health = lambda _: "the broker of the home and its meter are away"
        screen = io.StringIO()
        words = ["--folder", str(someone.folder), "status"]
        await asyncio.to_thread(main, words, Console(file=screen, width=80))
        told = screen.getvalue()
    shown = "".join(line[:34].split(" ")[0] for line in told.splitlines())
    assert someone.balena.devices[1].uuid in shown


async def test_two_commands_do_not_work_in_one_folder_at_the_same_time(tmp_path: Path) -> None:
    async with enrolled(tmp_path, 1) as someone:
        first = await someone.start("erase", ven_id(1))  # waits for a venID to be typed
        assert first.stdout is not None
        async with asyncio.timeout(20):
            assert await first.stdout.readuntil(b"Type ")
        second = await someone.run("status")
        assert second.code == 1
        assert "another fleet-tool" in second.output
        await first.communicate(b"no\n")
