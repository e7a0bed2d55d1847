"""Remote and replication follow the settings; the queue outlives every change it can."""

import pytest
from home_common.settings import SettingsError
from influxdb_edge import configuration
from influxdb_edge.api import ApiError
from influxdb_edge.reconcile import Reconciled, reconcile

from .servers import REMOTE, REMOTE_TOKEN, Server

OTHER_TOKEN = "another-token-of-this-home-9876543210"


def run(server: Server, **settings: str) -> Reconciled:
    return reconcile(server.configured(**settings), server.api)


def only(done: Reconciled, kind: str) -> dict[str, object]:
    found = done.api.get(f"/api/v2/{kind}", orgID=done.org_id)[kind]
    assert len(found) == 1
    return dict(found[0])


def test_without_a_remote_the_data_stays_in_the_home(server: Server) -> None:
    done = run(server)

    assert done.replication_id is None
    assert not done.api.get("/api/v2/remotes", orgID=done.org_id)["remotes"]


def test_the_downsampled_bucket_is_replicated_within_the_limits_set(server: Server) -> None:
    done = run(server, **REMOTE, REPLICATION_MAX_QUEUE_MIB="128", REPLICATION_MAX_AGE_DAYS="30")

    stream = only(done, "replications")
    buckets = done.api.get("/api/v2/buckets", orgID=done.org_id)["buckets"]
    assert [bucket["name"] for bucket in buckets if bucket["id"] == stream["localBucketID"]] == [
        "measurements_15m"
    ]
    assert stream["maxQueueSizeBytes"] == 128 * 2**20
    assert stream["maxAgeSeconds"] == 30 * 86_400
    assert stream["dropNonRetryableData"] is True
    assert only(done, "remotes")["allowInsecureTLS"] is False


def test_a_new_token_changes_the_remote_and_keeps_the_queue(fake: Server) -> None:
    done = run(fake, **REMOTE)
    assert fake.fake is not None
    fake.fake.requests.clear()

    again = run(fake, **(REMOTE | {"REPLICATION_TOKEN": OTHER_TOKEN}))

    remote = only(done, "remotes")
    assert fake.fake.changes == [("PATCH", f"/api/v2/remotes/{remote['id']}")]
    assert fake.fake.state.remote_tokens[str(remote["id"])] == OTHER_TOKEN
    assert again.replication_id == done.replication_id


def test_a_kill_before_the_token_was_remembered_sets_it_again(fake: Server) -> None:
    run(fake, **REMOTE)
    (fake.folder / "data" / "secrets" / "replication_token.sha256").unlink()
    assert fake.fake is not None
    fake.fake.requests.clear()

    run(fake, **REMOTE)

    assert [method for method, _ in fake.fake.changes] == ["PATCH"]
    assert set(fake.fake.state.remote_tokens.values()) == {REMOTE_TOKEN}


def test_changed_limits_change_the_replication_in_place(server: Server) -> None:
    done = run(server, **REMOTE)

    changed = run(server, **REMOTE, REPLICATION_MAX_QUEUE_MIB="256", REPLICATION_DROP_NON_RETRYABLE="off")

    stream = only(changed, "replications")
    assert stream["id"] == done.replication_id
    assert stream["maxQueueSizeBytes"] == 256 * 2**20
    assert stream["dropNonRetryableData"] is False


def test_a_new_address_changes_the_remote_in_place(server: Server) -> None:
    done = run(server, **REMOTE)

    moved = run(server, **(REMOTE | {"REPLICATION_URL": "https://community.example"}))

    assert only(moved, "remotes")["remoteURL"] == "https://community.example"
    assert moved.replication_id == done.replication_id


def test_when_no_longer_configured_both_are_removed(server: Server) -> None:
    run(server, **REMOTE)

    done = run(server)

    assert not done.api.get("/api/v2/replications", orgID=done.org_id)["replications"]
    assert not done.api.get("/api/v2/remotes", orgID=done.org_id)["remotes"]
    assert not (server.folder / "data" / "secrets" / "replication_token.sha256").exists()


def test_a_remote_that_is_away_is_queued_for_all_the_same(fake: Server) -> None:
    assert fake.fake is not None
    fake.fake.state.remote_takes_data = False

    assert run(fake, **REMOTE).replication_id is not None


def test_a_queue_smaller_than_influxdb_allows_is_refused_by_the_server(server: Server) -> None:
    done = run(server, **REMOTE)

    with pytest.raises(ApiError) as refused:
        done.api.patch(f"/api/v2/replications/{done.replication_id}", {"maxQueueSizeBytes": 1_000_000})
    assert refused.value.status == 400


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("REPLICATION_URL", "http://community.example"),
        ("REPLICATION_URL", "https://user:secret@community.example"),
        ("REPLICATION_URL", "community.example"),
        ("REPLICATION_TOKEN", ""),
        ("REPLICATION_TOKEN", "short"),
        ("REPLICATION_TOKEN", "aaaaaaaaaaaaaaaaaaaaaaaa"),
        ("REPLICATION_MAX_QUEUE_MIB", "16"),
        ("REPLICATION_MAX_AGE_DAYS", "61"),
        ("REPLICATION_ORG_ID", "not-an-id"),
        ("HOME_ID", "home/../other"),
        ("RETENTION_DAYS", "14"),
    ],
)
def test_a_setting_out_of_bounds_is_named_and_never_shown(fake: Server, name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=name) as wrong:
        fake.configured(**(REMOTE | {name: value}))
    assert not value or value not in str(wrong.value)


def test_the_token_is_not_in_the_configuration_s_text(fake: Server) -> None:
    wanted = fake.configured(**REMOTE)

    assert isinstance(wanted, configuration.Configuration)
    assert REMOTE_TOKEN not in repr(wanted)
