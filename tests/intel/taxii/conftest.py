from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.intel.taxii.servers import POSTGRESQL, postgresql_cluster, postgresql_programs
from tests.intel.taxii.sharing import Caller, Site, make_site
from tests.intel.taxii.stages import Stage

from cautery.intel.taxii.postgresql_storage import PostgresqlStorage
from cautery.intel.taxii.sqlite_storage import SqliteStorage
from cautery.intel.taxii.storage import Storage


@pytest.fixture(scope="session")
def postgresql_url() -> Iterator[str]:
    pytest.importorskip("asyncpg")
    programs = postgresql_programs()
    if programs is None:
        pytest.skip(POSTGRESQL)
    with postgresql_cluster(programs) as url:
        yield url


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return make_site(tmp_path)


@pytest.fixture
def caller(site: Site) -> Iterator[Caller]:
    caller = Caller(site)
    yield caller
    caller.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def stage(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Stage]:
    def make() -> Storage:
        if request.param == "sqlite":
            return SqliteStorage(tmp_path / "taxii.sqlite")
        return PostgresqlStorage(request.getfixturevalue("postgresql_url"))

    stage = Stage(make)
    yield stage
    stage.wait(stage.storage.close())
    stage.loop.close()
