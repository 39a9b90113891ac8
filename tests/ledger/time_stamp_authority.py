"""A time-stamp authority of our own, by OpenSSL's command line."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Final

OPENSSL: Final = shutil.which("openssl")
_SETTINGS: Final = """
[req]
distinguished_name=name
[name]
[root]
basicConstraints=critical,CA:TRUE
keyUsage=critical,keyCertSign
subjectKeyIdentifier=hash
[stamping]
basicConstraints=critical,CA:FALSE
keyUsage=critical,digitalSignature
extendedKeyUsage=critical,timeStamping
subjectKeyIdentifier=hash
authorityKeyIdentifier=keyid
[tsa]
serial=serial
signer_digest=sha256
default_policy=1.2.3.4.1
digests=sha256,sha512
ess_cert_id_alg=sha256
"""


class TimeStampAuthority:
    """Answers requests (RFC 3161) under a root of its own.

    Args:
        folder: Where its keys are.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.root = folder / "root.pem"
        (folder / "settings").write_text(_SETTINGS)
        (folder / "serial").write_text("01\n")
        new = "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -config settings -days 36500"
        self._run(f"req -x509 {new} -subj /CN=Root -extensions root -keyout ca.key -out root.pem")
        self._run(f"req {new} -subj /CN=Stamps -keyout stamp.key -out stamp.csr")
        self._run(
            "x509 -req -in stamp.csr -CA root.pem -CAkey ca.key -CAcreateserial -days 36500 "
            "-extfile settings -extensions stamping -out stamp.pem"
        )

    def reply(self, request: Path, reply: Path) -> None:
        """Answer a request."""
        self._run(
            "ts -reply -config settings -section tsa -signer stamp.pem -inkey stamp.key "
            f"-queryfile {request} -out {reply}"
        )

    def _run(self, words: str) -> None:
        command = [str(OPENSSL), *words.split()]
        subprocess.run(command, cwd=self._folder, check=True, capture_output=True, timeout=60)
