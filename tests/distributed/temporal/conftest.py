"""A Temporal server, and a worker that the tests of a file share."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
from temporal_support import Cluster, temporal_server

from heygen_async.testing import HeyGenEmulator


@pytest.fixture(autouse=True)
def no_payloads_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    """Temporal logs the payloads of workflows at DEBUG, signed URLs among them."""
    caplog.set_level(logging.INFO, "temporalio")


@pytest.fixture(scope="session")
def temporal() -> Iterator[str]:
    """The address of a Temporal server."""
    with temporal_server() as address:
        yield address


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shared_cluster(temporal: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Cluster]:
    folder = tmp_path_factory.mktemp("files")
    logging.getLogger("temporalio").setLevel(logging.INFO)  # payloads contain signed URLs
    async with HeyGenEmulator(render_seconds=0.1, balance=1e6) as api, Cluster(api, temporal, folder) as cluster:
        yield cluster


@pytest_asyncio.fixture(loop_scope="module")
async def cluster(shared_cluster: Cluster, tmp_path: Path) -> Cluster:
    """A local HeyGen, whose jobs take a tenth of a second, and a worker in this process."""
    await shared_cluster.start_test(tmp_path)
    return shared_cluster
