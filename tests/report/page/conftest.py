"""One Chromium for the tests of a module; without the Debian package they say what they want."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from typing import Any

import pytest

CHROMIUM = shutil.which("chromium")
WANTED = pytest.mark.skipif(CHROMIUM is None, reason="wants the Debian package chromium")


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    """Start the machine's Chromium, which can resolve no name."""
    if CHROMIUM is None:
        pytest.skip("wants the Debian package chromium")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        arguments = ["--no-sandbox", "--host-resolver-rules=MAP * ~NOTFOUND"]
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=arguments)
        yield browser
        browser.close()
