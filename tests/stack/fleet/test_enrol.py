"""A batch becomes certificates, one-time codes, job sheets and variables; once, however often it is run."""

import asyncio
import json
import stat
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from community_hub.enrolment.authority import FleetAuthority, new_private_key, signing_request
from community_hub.enrolment.limits import AddressLimit
from community_hub.enrolment.service import EnrolmentService, HomeBroker
from community_hub.enrolment.store import EnrolmentStore
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID, ExtensionOID
from fleet.batch import BatchError, read_batch

from .fake_balena import Fault, serve
from .operator import OPERATOR_TOKEN, RECORD, Operator, operator, ven_id

NO_GATEWAY = {1: 0}


@asynccontextmanager
async def community(tmp_path: Path, *, size: int = 3) -> AsyncIterator[tuple[Operator, EnrolmentStore]]:
    """Give an operator with an authority, and the enrolment service that uses it."""
    authority = FleetAuthority.create("Community fleet", now=datetime.now(UTC))
    store = EnrolmentStore(tmp_path / "hub" / "enrolment.sqlite")
    service = EnrolmentService(
        store=store,
        authority=authority,
        operator_token=OPERATOR_TOKEN,
        limit=AddressLimit(),
        broker=HomeBroker(host="mqtt.example.org", port=8883, prefix="home_flex"),
    )
    (tmp_path / "broker.pem").write_text(authority.certificate_pem)
    async with serve(service.application()) as hub_url:
        centre = {
            "mqtt_broker": "mqtt.example.org:8883",
            "mqtt_ca_file": "../broker.pem",
            "replication_url": "https://ingest.example.org",
            "backup_url": "https://backup.example.org",
            "enrolment_url": hub_url,
        }
        async with operator(tmp_path, size=size, centre=centre) as someone:
            authority.save(someone.folder / "authority")
            yield someone, store


async def test_a_home_gets_a_certificate_with_its_venid_from_the_fleets_authority(tmp_path: Path) -> None:
    async with community(tmp_path) as (someone, _):
        assert (await someone.enrol(1, 2)).code == 0
        authority = x509.load_pem_x509_certificate(
            (someone.folder / "authority/certificate.pem").read_bytes()
        )
        certificate = x509.load_pem_x509_certificate(someone.file(1, "certificate.pem").encode())
    assert certificate.subject.rfc4514_string() == f"CN={ven_id(1)}"
    certificate.verify_directly_issued_by(authority)
    usage = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert list(usage) == [ExtendedKeyUsageOID.CLIENT_AUTH]
    assert certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca is False
    signing = authority.extensions.get_extension_for_oid(ExtensionOID.KEY_USAGE)
    assert signing.critical
    assert isinstance(signing.value, x509.KeyUsage)
    assert signing.value.key_cert_sign
    assert signing.value.crl_sign


async def test_everything_secret_is_readable_by_the_operator_only(tmp_path: Path) -> None:
    async with community(tmp_path) as (someone, _):
        await someone.enrol(1)
        home = someone.folder / "homes" / ven_id(1)
        secret = [*home.iterdir(), someone.folder / "authority" / "private_key.pem"]
    assert {stat.S_IMODE(path.stat().st_mode) for path in secret} == {0o600}
    assert stat.S_IMODE(home.stat().st_mode) == 0o700


async def test_an_interrupted_enrolment_that_is_run_again_makes_nothing_twice(tmp_path: Path) -> None:
    async with community(tmp_path) as (someone, store):
        nowhere = {1: 0, 2: 2}
        assert (await someone.enrol(1, devices=nowhere)).code == 0
        first = someone.files()
        writes = len(someone.balena.writes)
        outcome = await someone.enrol(1, 2, devices=nowhere)
        assert outcome.code == 0, outcome.output
        again = someone.files()
        same = [name for name in first if ven_id(1) in name]
        assert {name: again[name] for name in same} == {name: first[name] for name in same}
        assert len(someone.balena.writes) == writes + 1  # the second home's tag
        assert len([line for line in store.audit() if line[1] == ven_id(1)]) == 1


async def test_an_enrolment_that_is_killed_goes_on_where_it_was(tmp_path: Path) -> None:
    async with community(tmp_path, size=30) as (someone, store):
        batch = str(someone.batch(*range(1, 31), devices=dict.fromkeys(range(1, 31), 0)))
        process = await someone.start("enrol", batch)
        async with asyncio.timeout(30):
            sheet = someone.folder / "homes" / ven_id(3) / "job_sheet.html"
            while not sheet.exists():  # noqa: ASYNC110 # another process makes it
                await asyncio.sleep(0.005)
        process.kill()
        await process.communicate()
        made = someone.files()
        assert f"homes/{ven_id(30)}/job_sheet.html" not in made
        await someone.done("enrol", batch)
        now = someone.files()
        once = [name for name in made if name.endswith(("certificate.pem", "code.json", "job_sheet.html"))]
        assert {name: now[name] for name in once} == {name: made[name] for name in once}
        assert sum(name.endswith("job_sheet.html") for name in now) == 30
        assert sorted(line[1] for line in store.audit()) == [ven_id(number) for number in range(1, 31)]


async def test_an_enrolment_cut_off_between_certificate_and_code_is_completed(tmp_path: Path) -> None:
    async with community(tmp_path) as (someone, store):
        await someone.enrol(1, devices=NO_GATEWAY)
        home = someone.folder / "homes" / ven_id(1)
        (home / "job_sheet.html").unlink()
        store.erase(ven_id(1))
        certificate, code = someone.file(1, "certificate.pem"), someone.file(1, "code.json")
        assert (await someone.enrol(1, devices=NO_GATEWAY)).code == 0
        assert (someone.file(1, "certificate.pem"), someone.file(1, "code.json")) == (certificate, code)
        assert (home / "job_sheet.html").exists()
        enrolment = store.enrolment(ven_id(1))
        assert enrolment is not None
        assert enrolment.state == "open"


async def test_the_code_on_the_sheet_opens_the_enrolment_and_a_new_one_replaces_it(tmp_path: Path) -> None:
    def redeem(store: EnrolmentStore, code: str) -> str:
        request = signing_request(ven_id(1), new_private_key())
        authority = FleetAuthority.load(tmp_path / "fleet" / "authority")
        return store.redeem(
            ven_id(1), code, lambda: authority.sign(request, ven_id(1), now=datetime.now(UTC)), address="home"
        )

    async with community(tmp_path) as (someone, store):
        await someone.enrol(1, devices=NO_GATEWAY)
        code = json.loads(someone.file(1, "code.json"))["code"]
        assert code.replace("-", " ") in someone.file(1, "job_sheet.html")
        redeem(store, code)
        assert "redeemed" in (await someone.enrol(1, devices=NO_GATEWAY)).output
        assert (await someone.enrol(1, options=("--new-code",), devices=NO_GATEWAY)).code == 0
        other = json.loads(someone.file(1, "code.json"))["code"]
        assert other != code
        redeem(store, other)


async def test_a_gateway_of_the_fleet_has_no_code_and_its_sheet_says_how_to_open_the_home(
    tmp_path: Path,
) -> None:
    async with community(tmp_path) as (someone, store):
        await someone.enrol(1)
        sheet, uuid = someone.file(1, "job_sheet.html"), someone.balena.devices[1].uuid
        assert not (someone.folder / "homes" / ven_id(1) / "code.json").exists()
        assert store.enrolment(ven_id(1)) is None
        assert f"http://{uuid[:7]}.local" in sheet
        password = json.loads(someone.file(1, "credentials.json"))["access_point_password"]
        assert password in sheet
        await someone.done("variables")
        assert someone.balena.variable(someone.balena.devices[1], "wifi_ap", "AP_PASSWORD") == password
        secret = someone.balena.variable(someone.balena.devices[1], "home_agent", "OPERATOR_SECRET")
        assert secret is not None
        assert secret in await someone.done("secret", ven_id(1))
        assert secret not in sheet


async def test_the_job_sheet_needs_no_network_and_holds_no_secret_but_what_is_typed(tmp_path: Path) -> None:
    async with community(tmp_path) as (someone, _):
        await someone.enrol(1, 2, devices={1: 0, 2: 2})
        sheet = someone.file(1, "job_sheet.html") + someone.file(2, "job_sheet.html")
        secrets = [
            secret
            for number in (1, 2)
            for name, secret in json.loads(someone.file(number, "credentials.json")).items()
            if name != "access_point_password"
        ]
    for fetched in ("src=", "href=", "@import", "url(", "<script", "<link"):
        assert fetched not in sheet.lower()
    assert "<svg" in sheet
    assert "size: A4" in sheet
    assert "PRIVATE" not in sheet
    assert not any(secret in sheet for secret in secrets)


async def test_variables_go_to_the_service_that_needs_them_and_only_when_they_differ(tmp_path: Path) -> None:
    async with community(tmp_path) as (someone, _):
        await someone.enrol(1)
        output = await someone.done("variables")
        balena = someone.balena
        device = balena.devices[1]
        key = someone.file(1, "private_key.pem")
        assert balena.variable(device, "mosquitto", "HOME_PRIVATE_KEY") == key
        assert balena.variable(device, "home_assistant", "HOME_PRIVATE_KEY") is None
        for service in ("home_agent", "nginx", "wifi_ap"):
            assert balena.variable(device, service, "HOME_ID") == ven_id(1)
        access_point = balena.variable(device, "wifi_ap", "AP_PASSWORD")
        assert access_point is not None
        assert access_point in someone.file(1, "job_sheet.html")
        assert json.loads(balena.variable(device, "home_assistant", "HOME_RECORD") or "") == {
            "version": 1,
            **RECORD,
        }
        secrets = [*json.loads(someone.file(1, "credentials.json")).values(), "BEGIN"]
        assert not any(secret in output for secret in secrets)
        writes = len(balena.writes)
        assert "changed nothing" in await someone.done("variables", ven_id(1))
        assert len(balena.writes) == writes
        install = next(row for row in balena.variables.values() if row["name"] == "MQTT_PREFIX")
        install["value"] = "other"
        assert "changed mosquitto MQTT_PREFIX" in await someone.done("variables")
        assert len(balena.writes) == writes + 1


async def test_a_fault_while_variables_are_set_is_repaired_by_running_it_again(tmp_path: Path) -> None:
    async with community(tmp_path) as (someone, _):
        await someone.enrol(1)
        await someone.done("variables")
        complete = {
            (row["service_install"], row["name"]): row["value"] for row in someone.balena.variables.values()
        }
        someone.balena.variables = dict(list(someone.balena.variables.items())[:5])
        someone.balena.faults = [Fault(429, {"Retry-After": "0"})]
        await someone.done("variables")
        again = {
            (row["service_install"], row["name"]): row["value"] for row in someone.balena.variables.values()
        }
    assert again == complete


async def test_a_dry_run_of_enrolment_and_variables_writes_nothing_anywhere(tmp_path: Path) -> None:
    async with community(tmp_path) as (someone, store):
        before = someone.files()
        outcome = await someone.enrol(1, options=("--dry-run",))
        assert f"would enrol {ven_id(1)}" in outcome.output
        assert someone.files() == before
        await someone.enrol(1)
        before, writes = someone.files(), len(someone.balena.writes)
        assert "would change" in await someone.done("variables", "--dry-run")
        await someone.enrol(1, 2, options=("--dry-run", "--new-code"))
        for command in (("rotate", ven_id(1)), ("revoke", ven_id(1)), ("erase", ven_id(1)), ("crl",)):
            await someone.done(command[0], "--dry-run", *command[1:])
        assert someone.files() == before
        assert len(someone.balena.writes) == writes
        assert store.enrolment(ven_id(2)) is None


async def test_a_home_is_not_given_to_another_device_unless_it_is_replaced(tmp_path: Path) -> None:
    async with community(tmp_path) as (someone, _):
        await someone.enrol(1)
        moved = {"ven_id": ven_id(1), "device_uuid": someone.balena.devices[3].uuid, "record": RECORD}
        batch = tmp_path / "moved.json"
        batch.write_text(json.dumps([moved]))
        refused = await someone.run("enrol", str(batch))
        assert refused.code == 1
        assert "--replace-device" in refused.output
        await someone.done("enrol", str(batch), "--replace-device")
        assert "ven_id" not in someone.balena.devices[1].tags
        assert someone.balena.devices[3].tags["ven_id"] == ven_id(1)


def test_a_csv_batch_says_the_same_as_json(tmp_path: Path) -> None:
    table = tmp_path / "homes.csv"
    devices = '"[{""type"":""grid_meter"",""connection"":""tcp"",""host"":""192.168.1.20"",""port"":8801}]"'
    table.write_text(
        "ven_id,device_uuid,address,site.name,site.main_fuse_a,location.latitude,location.longitude,devices\n"
        f"home-0001,,4 Lime Street,Lime Street 4,25,52.1,5.1,{devices}\n"
    )
    defaults = {
        "site": {"currency": "EUR", "phases": 3, "import_price": "0.30", "export_price": "0.08"},
        "location": {"time_zone": "Europe/Amsterdam", "country": "NL", "language": "en"},
    }
    (home,) = read_batch(table, defaults)
    assert json.loads(home.record) == {"version": 1, **RECORD}
    assert home.address == "4 Lime Street"


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"ven_id": "no spaces"}, "venID"),
        ({"ven_id": "hub.dispatch"}, "venID"),
        ({"device_uuid": "xyz"}, "device_uuid"),
        ({"record": {}}, "missing"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_a_batch_with_a_wrong_home_is_refused_as_a_whole(
    tmp_path: Path, change: dict[str, object], complaint: str
) -> None:
    batch = tmp_path / "batch.json"
    good = {"ven_id": "home-0001", "device_uuid": "", "record": RECORD}
    batch.write_text(json.dumps([good, {**good, "ven_id": "home-0002", **change}]))
    with pytest.raises(BatchError, match=complaint):
        read_batch(batch, {})


HEADER = "ven_id,site.name,site.main_fuse_a,site.import_price,location.latitude,location.longitude,devices"
LINE = 'home-0002,"A, B",25,"0,30","52,1",5.1,[]'
DEFAULTS = {
    "site": {"currency": "EUR", "phases": 3, "export_price": "0.08"},
    "location": {"time_zone": "Europe/Amsterdam", "country": "NL", "language": "en"},
}


def test_a_table_of_a_european_spreadsheet_is_read(tmp_path: Path) -> None:
    table = tmp_path / "homes.csv"
    table.write_text(f"{HEADER.replace(',', ';')}\nhome-0001;A;25;0,30;52,1;5,1;[]\n", encoding="utf-8-sig")
    (home,) = read_batch(table, DEFAULTS)
    record = json.loads(home.record)
    assert (record["site"]["import_price"], record["location"]["latitude"]) == ("0.30", 52.1)


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("[]", "[", r"line 3 \(home-0002\), column devices: not JSON"),
        ("25", "nan", r"line 3 \(home-0002\), column site.main_fuse_a: not a number"),
        ("52,1", "1e400", r"line 3 \(home-0002\), column location.latitude: not a number"),
        pytest.param("[]", "[" * 100_000, r"line 3 \(home-0002\), column devices: not JSON", id="deep"),
        ("25", "25 A", r"line 3 \(home-0002\), column site.main_fuse_a: not a number"),
        (",[]", "", r"line 3 \(home-0002\): more or fewer cells"),
        (",[]", ",[],x", r"line 3 \(home-0002\): more or fewer cells"),
        ('"A, B"', '"A, B', "line 3: "),
        ("A, B", "Caf\xe9", "save it as UTF-8"),
        ("25", "2500", r"line 3 \(home-0002\): HOME_RECORD.site.main_fuse_a"),
        ("home-0002", "home-0001", "appears twice: line 2 and line 3"),
    ],
)
def test_a_wrong_line_of_a_table_is_named_with_its_home_and_column(
    tmp_path: Path, old: str, new: str, complaint: str
) -> None:
    table = tmp_path / "homes.csv"
    good = LINE.replace("home-0002", "home-0001")
    table.write_bytes(f"{HEADER}\n{good}\n{LINE.replace(old, new)}\n".encode("latin-1"))
    with pytest.raises(BatchError, match=complaint):
        read_batch(table, DEFAULTS)


def test_what_spreadsheets_add_to_a_table_is_no_home(tmp_path: Path) -> None:
    table = tmp_path / "homes.csv"
    blank = "," * HEADER.count(",")
    table.write_text(f"{HEADER.replace(',', ' , ')}\r\n{LINE}\r\n{blank}\r\n\r\n {blank}\r\n", newline="")
    (home,) = read_batch(table, DEFAULTS)
    assert home.ven_id == "home-0002"


def test_the_digits_of_a_gateway_may_be_written_in_capitals(tmp_path: Path) -> None:
    table = tmp_path / "homes.csv"
    table.write_text(f"device_uuid,{HEADER}\n{'AB' * 16},{LINE}\n")
    (home,) = read_batch(table, DEFAULTS)
    assert home.device_uuid == "ab" * 16


def test_a_column_that_nobody_knows_is_named_with_its_line(tmp_path: Path) -> None:
    table = tmp_path / "homes.csv"
    table.write_text(f"adress,{HEADER}\nLime Street,{LINE}\n")
    with pytest.raises(BatchError, match=r"line 2 \(home-0002\): nobody knows the field adress"):
        read_batch(table, DEFAULTS)


@pytest.mark.parametrize("again", ["home-0001", "Home-0001"])
def test_a_venid_may_appear_once_in_a_batch_whatever_its_capitals(tmp_path: Path, again: str) -> None:
    batch = tmp_path / "batch.json"
    batch.write_text(json.dumps([{"ven_id": name, "record": RECORD} for name in ("home-0001", again)]))
    with pytest.raises(BatchError, match="twice"):
        read_batch(batch, {})


@pytest.mark.parametrize(
    ("name", "text", "complaint"),
    [
        ("homes.csv", "", "no home"),
        ("homes.csv", f"{HEADER}\n", "no home"),
        ("homes.csv", f"{HEADER},devices\n{LINE},[]\n", "line 1: column devices is there twice"),
        ("homes.json", "[]", "no home"),
        pytest.param("homes.json", "[" * 200_000, "without an end", id="deep"),
    ],
)
def test_a_batch_that_says_nothing_or_two_things_is_refused(
    tmp_path: Path, name: str, text: str, complaint: str
) -> None:
    batch = tmp_path / name
    batch.write_text(text)
    with pytest.raises(BatchError, match=complaint):
        read_batch(batch, DEFAULTS)
