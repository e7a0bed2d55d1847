"""Every start brings InfluxDB to the wanted state; a second start changes nothing."""

import logging
import stat
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from influxdb_edge.annotated_csv import lines
from influxdb_edge.api import ApiError
from influxdb_edge.flux import downsampling_task, points
from influxdb_edge.reconcile import Reconciled, reconcile

from .fake_influxdb import FakeInfluxdb
from .servers import METER, REMOTE, REMOTE_TOKEN, Server

NOW = f"{METER}=1.5 {time.time_ns()}"
DAY_S = 86_400


def run(server: Server, **settings: str) -> Reconciled:
    return reconcile(server.configured(**settings), server.api)


def listed(server: Server, kind: str, done: Reconciled) -> list[dict[str, Any]]:
    found = done.api.get(f"/api/v2/{kind}", orgID=done.org_id, limit="100")[kind]
    return list(found or [])


def token(server: Server, client: str) -> str:
    return (server.folder / "credentials" / client / "influxdb_token").read_text()


def fake_of(server: Server) -> FakeInfluxdb:
    assert server.fake is not None
    return server.fake


def test_a_new_server_gets_its_organisation_buckets_and_task(server: Server) -> None:
    done = run(server)

    kept = {bucket["name"]: bucket["retentionRules"][0] for bucket in listed(server, "buckets", done)}
    assert kept["measurements"]["everySeconds"] == 30 * DAY_S
    assert kept["measurements"]["shardGroupDurationSeconds"] == 7 * DAY_S
    assert kept["measurements_15m"]["everySeconds"] == 400 * DAY_S
    tasks = [task for task in listed(server, "tasks", done) if task["name"] == "downsample_15m"]
    assert [task["status"] for task in tasks] == ["active"]
    assert tasks[0]["flux"].strip() == downsampling_task().strip()


def test_a_second_start_writes_nothing(fake: Server) -> None:
    run(fake, **REMOTE)
    fake_of(fake).requests.clear()

    run(fake, **REMOTE)

    assert fake_of(fake).requests
    assert fake_of(fake).changes == []


def test_a_second_start_keeps_every_id_and_token(server: Server) -> None:
    first = run(server, **REMOTE)
    before = [
        sorted(entry["id"] for entry in listed(server, kind, first))
        for kind in ("buckets", "tasks", "authorizations", "remotes", "replications")
    ]
    tokens = token(server, "home_assistant"), token(server, "home_agent")

    second = run(server, **REMOTE)

    after = [
        sorted(entry["id"] for entry in listed(server, kind, second))
        for kind in ("buckets", "tasks", "authorizations", "remotes", "replications")
    ]
    assert before == after
    assert tokens == (token(server, "home_assistant"), token(server, "home_agent"))


def test_changed_retention_is_changed_in_place(server: Server) -> None:
    first = {bucket["name"]: bucket["id"] for bucket in listed(server, "buckets", run(server))}

    done = run(server, RETENTION_DAYS="60")

    bucket = next(entry for entry in listed(server, "buckets", done) if entry["name"] == "measurements")
    assert bucket["id"] == first["measurements"]
    assert bucket["retentionRules"][0]["everySeconds"] == 60 * DAY_S


def test_a_bucket_somebody_deleted_comes_back(server: Server) -> None:
    done = run(server)
    bucket = next(entry for entry in listed(server, "buckets", done) if entry["name"] == "measurements_15m")
    done.api.delete(f"/api/v2/buckets/{bucket['id']}")

    names = {entry["name"] for entry in listed(server, "buckets", run(server))}

    assert "measurements_15m" in names


def test_a_task_that_was_changed_stopped_or_doubled_is_put_right(server: Server) -> None:
    done = run(server)
    task = next(entry for entry in listed(server, "tasks", done) if entry["name"] == "downsample_15m")
    changed = downsampling_task().replace("every: 15m, fn: mean", "every: 5m, fn: mean")
    done.api.patch(f"/api/v2/tasks/{task['id']}", {"flux": changed, "status": "inactive"})
    done.api.post("/api/v2/tasks", {"orgID": done.org_id, "flux": downsampling_task()})

    tasks = [entry for entry in listed(server, "tasks", run(server)) if entry["name"] == "downsample_15m"]

    assert [entry["status"] for entry in tasks] == ["active"]
    assert tasks[0]["flux"].strip() == downsampling_task().strip()


def test_home_assistant_may_write_the_raw_bucket_and_nothing_else(server: Server) -> None:
    run(server)
    writer = server.api.with_token(token(server, "home_assistant"))

    writer.write(NOW, org="home", bucket="measurements")

    with pytest.raises(ApiError):
        writer.write(NOW, org="home", bucket="measurements_15m")
    with pytest.raises(ApiError):
        writer.flux('from(bucket: "measurements") |> range(start: -1h)', org="home")
    with pytest.raises(ApiError):
        writer.post("/api/v2/orgs", {"name": "other"})


def test_a_point_older_than_the_bucket_keeps_is_refused_and_the_others_are_stored(server: Server) -> None:
    done = run(server)
    old = f"{METER}=1.5 1700000000000000000"

    with pytest.raises(ApiError) as refused:
        done.api.write(f"{old}\n{NOW}", org="home", bucket="measurements")

    now = datetime.now(UTC)
    stored = lines(done.api.flux(points("measurements", now - timedelta(hours=1), now), org="home"))
    assert refused.value.status == 422
    assert len(list(stored)) == 1


def test_the_agent_may_not_write(server: Server) -> None:
    run(server)
    reader = server.api.with_token(token(server, "home_agent"))

    names = {bucket["name"] for bucket in reader.get("/api/v2/buckets")["buckets"]}

    assert {"measurements", "measurements_15m"} <= names
    with pytest.raises(ApiError) as refused:
        reader.write(NOW, org="home", bucket="measurements")
    assert refused.value.status in {401, 403}


def test_a_lost_credential_file_is_replaced_and_the_old_token_dies(server: Server) -> None:
    run(server)
    lost = token(server, "home_assistant")
    (server.folder / "credentials" / "home_assistant" / "influxdb_token").unlink()

    run(server)

    assert token(server, "home_assistant") != lost
    with pytest.raises(ApiError) as refused:
        server.api.with_token(lost).get("/api/v2/buckets")
    assert refused.value.status == 401


def test_a_token_that_is_no_longer_accepted_is_replaced(server: Server) -> None:
    run(server)
    path = server.folder / "credentials" / "home_agent" / "influxdb_token"
    path.write_text("a-token-the-server-never-heard-of")

    run(server)

    server.api.with_token(token(server, "home_agent")).get("/api/v2/buckets")


def test_a_kill_between_new_and_old_token_leaves_one_in_the_end(fake: Server) -> None:
    done = run(fake)
    description = "home_flex home_agent"
    done.api.post(
        "/api/v2/authorizations", {"orgID": done.org_id, "description": description, "permissions": []}
    )

    run(fake)

    ours = [entry for entry in listed(fake, "authorizations", done) if entry["description"] == description]
    assert len(ours) == 1
    fake.api.with_token(token(fake, "home_agent")).get("/api/v2/buckets")


def test_secret_files_are_closed_to_others(server: Server) -> None:
    run(server, **REMOTE)

    secrets = [*(server.folder / "data" / "secrets").iterdir()]
    assert {path.name for path in secrets} >= {"operator_token", "operator_password"}
    assert {stat.S_IMODE(path.stat().st_mode) for path in secrets} == {0o600}
    handed_over = [*(server.folder / "credentials").glob("*/influxdb_token")]
    assert len(handed_over) == 2
    assert {stat.S_IMODE(path.stat().st_mode) & 0o137 for path in handed_over} == {0}


def test_no_secret_is_ever_logged(server: Server, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    run(server, **REMOTE)
    run(server, **(REMOTE | {"REPLICATION_TOKEN": "another-token-of-this-home-9876543210"}))

    folder = server.folder / "data" / "secrets"
    secrets = [
        REMOTE_TOKEN,
        "another-token-of-this-home-9876543210",
        token(server, "home_assistant"),
        token(server, "home_agent"),
        *(path.read_text() for path in folder.iterdir()),
    ]
    assert "Changed the remote: remoteAPIToken" in caplog.text
    assert [secret for secret in secrets if secret in caplog.text] == []


def test_a_server_that_lost_our_operator_token_is_told_apart(server: Server) -> None:
    run(server)
    (server.folder / "data" / "secrets" / "operator_token").unlink()

    with pytest.raises(LookupError, match="operator token"):
        run(server)


def test_a_kill_after_the_token_was_kept_but_before_set_up_does_no_harm(fake: Server) -> None:
    secrets = fake.folder / "data" / "secrets"
    fake.configured()
    secrets.mkdir(parents=True)
    (secrets / "operator_token").write_text("kept-before-the-kill-0123456789")

    done = run(fake)

    assert done.api.token == "kept-before-the-kill-0123456789"


def test_a_server_that_is_away_is_an_error_without_a_secret(fake: Server) -> None:
    run(fake)
    gone = fake.configured(HTTP_ADDRESS="127.0.0.1:9")

    with pytest.raises(ApiError) as away:
        reconcile(gone, type(fake.api)(url="http://127.0.0.1:9", timeout_s=1))
    assert away.value.status == 0
