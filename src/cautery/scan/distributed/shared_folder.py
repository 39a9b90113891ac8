"""A folder that every machine of an engine can write, and that goes when the scan ends."""

from __future__ import annotations

import shutil
from contextlib import suppress
from pathlib import Path
from typing import Any
from uuid import uuid4


class SharedFolder:
    """A folder of one scan inside a folder of many.

    Args:
        session: A Spark session, whose file systems are used for addresses of other machines.
        parent: Path or URI, such as ``s3a://bucket/tmp``.
    """

    def __init__(self, session: Any, parent: str) -> None:
        self._session = session
        self._local = "://" not in parent
        start = str(Path(parent).absolute()) if self._local else parent.rstrip("/")
        self.folder = f"{start}/cautery-scan-{uuid4().hex}"
        """Path or URI."""
        self._names = 0

    def new_path(self, name: str) -> str:
        """Path or URI of something that is not there yet."""
        self._names += 1
        return f"{self.folder}/{name}-{self._names}"

    def remove(self) -> bool:
        """Remove everything.

        Returns:
            Whether that could be done from here; a ``sc://`` server removes no files.
        """
        if self._local:
            shutil.rmtree(self.folder, ignore_errors=True)
            return True
        with suppress(Exception):  # a folder left behind is no reason to lose a finished scan
            gateway = self._session._jvm  # noqa: SLF001 - pyspark has no other way to its files
            path = gateway.org.apache.hadoop.fs.Path(self.folder)
            settings = self._session.sparkContext._jsc.hadoopConfiguration()  # noqa: SLF001
            return bool(path.getFileSystem(settings).delete(path, True))
        return False
