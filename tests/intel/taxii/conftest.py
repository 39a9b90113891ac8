from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.intel.taxii.servers import POSTGRESQL, postgresql_cluster, postgresql_programs
from tests.intel.taxii.sharing import Caller, Site, make_site


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
