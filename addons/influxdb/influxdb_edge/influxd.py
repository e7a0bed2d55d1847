"""Starts influxd with the settings of a Raspberry Pi 4 with 2 GB, and ends it in order."""

import os
import subprocess
from collections.abc import Mapping
from typing import Final

from .configuration import Configuration

_MIB: Final = 2**20
# The upstream defaults are made for servers and run out of memory in compaction.
SMALL_HOST: Final[Mapping[str, str]] = {
    "INFLUXD_STORAGE_CACHE_MAX_MEMORY_SIZE": str(128 * _MIB),
    "INFLUXD_STORAGE_CACHE_SNAPSHOT_MEMORY_SIZE": str(8 * _MIB),
    "INFLUXD_STORAGE_MAX_CONCURRENT_COMPACTIONS": "1",
    "INFLUXD_STORAGE_COMPACT_THROUGHPUT_BURST": str(8 * _MIB),
    "INFLUXD_QUERY_CONCURRENCY": "2",
    "INFLUXD_QUERY_QUEUE_SIZE": "10",
    "INFLUXD_QUERY_MEMORY_BYTES": str(50 * _MIB),
    # Seconds of data for the life of the card; Home Flex keeps a batch on its own disk until it is answered.
    "INFLUXD_STORAGE_WAL_FSYNC_DELAY": "2s",
    "INFLUXD_STORAGE_WAL_FLUSH_ON_SHUTDOWN": "true",
    "INFLUXD_REPORTING_DISABLED": "true",
    "INFLUXD_PPROF_DISABLED": "true",
    "INFLUXD_LOG_LEVEL": "warn",
    "GOMEMLIMIT": "300MiB",
}


def environment(configuration: Configuration, base: Mapping[str, str]) -> dict[str, str]:
    """Return influxd's environment: an operator's own INFLUXD_ variables win, our secrets stay out."""
    kept = {name: value for name, value in base.items() if not name.startswith("REPLICATION_")}
    folder = configuration.data / "influxdb"
    ours = {
        "INFLUXD_HTTP_BIND_ADDRESS": configuration.http_address,
        "INFLUXD_BOLT_PATH": str(folder / "influxd.bolt"),
        "INFLUXD_SQLITE_PATH": str(folder / "influxd.sqlite"),
        "INFLUXD_ENGINE_PATH": str(folder / "engine"),
        "INFLUXD_INSTANCE_ID": configuration.home_id,
    }
    return {**SMALL_HOST, **kept, **ours}


def start(configuration: Configuration) -> subprocess.Popen[bytes]:
    """Start it. Raises OSError when it cannot be started."""
    (configuration.data / "influxdb").mkdir(mode=0o700, parents=True, exist_ok=True)
    return subprocess.Popen(  # noqa: S603 # the binary the settings name, no shell
        [str(configuration.influxd)], env=environment(configuration, os.environ), stdin=subprocess.DEVNULL
    )
