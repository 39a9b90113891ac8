"""Requests to a sharing server: verified, bounded, and sent again where that is safe.

A server that is busy (429, 502, 503, 504) or cannot be reached is asked again, after as long as it
says or twice as long as before. This is safe for every request of TAXII: an object that was pushed
twice is there once. Redirects are not followed, because the token would go where nobody said.
"""

from __future__ import annotations

import base64
import http.client
import random
import ssl
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import Final
from urllib.parse import urlencode, urlsplit

from cautery import __version__
from cautery.errors import PeerError, UsageError
from cautery.intel.taxii.media_types import TAXII, is_taxii
from cautery.records.key import Secret

BUSY: Final = frozenset({429, 502, 503, 504})
ATTEMPTS: Final = 6
FIRST_WAIT_SECONDS: Final = 1.0
LONGEST_WAIT_SECONDS: Final = 300.0
"""A server that asks for more patience than this is left alone."""
TIMEOUT_SECONDS: Final = 60.0
"""For each step: to connect, and for every piece of an answer."""
ANSWER_SECONDS: Final = 600.0
"""For a whole answer, so that a server cannot drip for ever."""
MOST_ANSWER_BYTES: Final = 64 * 2**20
_PIECE_BYTES: Final = 2**18
_LOCAL: Final = frozenset({"127.0.0.1", "::1", "localhost"})
_LOST: Final = (OSError, http.client.HTTPException)


@dataclass(frozen=True, slots=True, kw_only=True)
class PeerAnswer:
    """What a server answered."""

    status: int
    """HTTP status code."""
    headers: Mapping[str, str]
    """By name in lower case."""
    body: bytes
    """A TAXII resource, or whatever stands in its place."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How a busy server is waited for; tests put clocks of their own here."""

    attempts: int = ATTEMPTS
    """Times that a request is sent."""
    sleep: Callable[[float], None] = time.sleep
    """Waits that many seconds."""
    now: Callable[[], float] = time.time
    """Gives the time, seconds since 1970."""
    chance: Callable[[], float] = field(default=random.random)
    """Gives a number from 0 to 1, so that clients do not come again all at once."""


class PeerConnection:
    """A connection to one server.

    Args:
        url: Of anything on it.
        context: TLS towards it.
        token: What to send; None for nothing.
        name: Name to send the token with, as Basic; empty for Bearer.
        patience: How to wait.

    Raises:
        UsageError: The URL is none, or would send a token in clear.
    """

    def __init__(
        self,
        url: str,
        *,
        context: ssl.SSLContext,
        token: Secret | None = None,
        name: str = "",
        patience: Patience | None = None,
    ) -> None:
        self.url = _checked_url(url)
        self._context = context
        self._token = token
        self._name = name
        self._patience = patience or Patience()
        self._connection: http.client.HTTPConnection | None = None

    def get(self, path: str, query: Mapping[str, str] | None = None) -> PeerAnswer:
        """Ask for something.

        Args:
            path: On this server.
            query: What to say behind the question mark.

        Returns:
            The answer, whatever its status.

        Raises:
            PeerError: The server cannot be reached, stays busy, or answers too much.
        """
        return self._ask("GET", f"{path}?{urlencode(query)}" if query else path, None)

    def post(self, path: str, body: bytes) -> PeerAnswer:
        """Send something.

        Args:
            path: On this server.
            body: A TAXII resource.

        Returns:
            The answer, whatever its status.

        Raises:
            PeerError: The server cannot be reached, stays busy, or answers too much.
        """
        return self._ask("POST", path, body)

    def close(self) -> None:
        """Let go of the connection."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _ask(self, method: str, target: str, body: bytes | None) -> PeerAnswer:
        wait = FIRST_WAIT_SECONDS
        for attempt in range(1, self._patience.attempts + 1):
            last = attempt == self._patience.attempts
            try:
                answer = self._ask_once(method, target, body)
            except _LOST as error:
                self.close()
                if last or isinstance(error, ssl.SSLCertVerificationError):
                    raise PeerError(
                        f"cannot be reached: {_reason_of(error)}",
                        where=self.url,
                        hint="Nothing is lost: run the same command again.",
                    ) from error
                answer = None
            if answer is not None and answer.status not in BUSY:
                return answer
            asked = None if answer is None else self._asked_wait(answer)
            if last or (asked or 0) > LONGEST_WAIT_SECONDS:
                break
            self._patience.sleep(
                wait * (0.5 + self._patience.chance() / 2) if asked is None else asked
            )
            wait = min(2 * wait, LONGEST_WAIT_SECONDS)
        raise PeerError(
            "is busy, and stays so",
            where=self.url,
            hint="Nothing is lost: run the same command later.",
        )

    def _ask_once(self, method: str, target: str, body: bytes | None) -> PeerAnswer:
        if self._connection is None:
            self._connection = self._connect()
        headers = {
            "accept": TAXII,
            "accept-encoding": "identity",
            "user-agent": f"cautery/{__version__}",
        }
        if body is not None:
            headers["content-type"] = TAXII
        if self._token is not None:
            headers["authorization"] = _authorization(self._name, self._token)
        self._connection.request(method, target, body=body, headers=headers)
        response = self._connection.getresponse()
        content = self._read(response)
        named = {name.lower(): value for name, value in response.getheaders()}
        if response.will_close:
            self.close()
        return PeerAnswer(status=response.status, headers=named, body=content)

    def _read(self, response: http.client.HTTPResponse) -> bytes:
        """Read an answer to its end, unless it is too long or too slow."""
        deadline = time.monotonic() + ANSWER_SECONDS
        content = bytearray()
        while piece := response.read1(_PIECE_BYTES):
            content += piece
            if len(content) > MOST_ANSWER_BYTES or time.monotonic() > deadline:
                self.close()
                most = f"{MOST_ANSWER_BYTES} bytes in {ANSWER_SECONDS:g} s"
                raise PeerError(f"answers more than {most}", where=self.url)
        if response.length:  # bytes that were promised and never came
            raise http.client.IncompleteRead(bytes(content), response.length)
        response.close()  # so that the connection takes the next request
        return bytes(content)

    def _connect(self) -> http.client.HTTPConnection:
        parts = urlsplit(self.url)
        host = parts.hostname or ""
        if parts.scheme == "https":
            return http.client.HTTPSConnection(
                host, parts.port, timeout=TIMEOUT_SECONDS, context=self._context
            )
        return http.client.HTTPConnection(host, parts.port, timeout=TIMEOUT_SECONDS)

    def _asked_wait(self, answer: PeerAnswer) -> float | None:
        """Read ``Retry-After``: seconds or a date (RFC 9110, section 10.2.3)."""
        text = answer.headers.get("retry-after", "").strip()
        if text.isdecimal():
            return float(text[:9])
        try:
            return max(0.0, parsedate_to_datetime(text).timestamp() - self._patience.now())
        except (ValueError, OverflowError):
            return None


def check_answer(answer: PeerAnswer, where: str, *, status: int = 200) -> bytes:
    """Take the resource out of an answer.

    Args:
        answer: What the server answered.
        where: URL that was asked, for messages.
        status: What its status must be.

    Returns:
        The resource.

    Raises:
        PeerError: The server refuses, redirects, or answers in another language.
    """
    if answer.status != status:
        raise PeerError(_refusal(answer), where=where, hint=_HINTS.get(answer.status, ""))
    if not is_taxii(answer.headers.get("content-type")):
        raise PeerError("does not answer in TAXII 2.1", where=where)
    return answer.body


_HINTS: Final = {
    401: "Give a token with --token, or a certificate.",
    403: "Ask its operator for the right to do so.",
    404: "Give the URL of a collection: https://HOST/ROOT/collections/ID/.",
}


def _refusal(answer: PeerAnswer) -> str:
    if 300 <= answer.status < 400:
        target = answer.headers.get("location", "elsewhere")[:200]
        return f"redirects to {target}; give that URL if it is the right one"
    said = answer.body[:500].decode("utf-8", errors="replace")
    return f"refuses with {answer.status}: {said}" if said else f"refuses with {answer.status}"


def _checked_url(url: str) -> str:
    try:
        parts = urlsplit(url)
        usable = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    plain = url.isascii() and url.isprintable() and " " not in url
    if not usable or not plain or parts.username is not None or parts.query or parts.fragment:
        raise UsageError(
            "this is no URL of a collection",
            where=url[:200],
            hint="Give one as in https://HOST/ROOT/collections/ID/.",
        )
    if parts.scheme == "http" and parts.hostname not in _LOCAL:
        raise UsageError("only this machine is asked without TLS", where=url, hint="Use https.")
    return url


def _authorization(name: str, token: Secret) -> str:
    if not name:
        return f"Bearer {token.reveal().decode('ascii')}"
    pair = name.encode() + b":" + token.reveal()
    return f"Basic {base64.b64encode(pair).decode('ascii')}"


def _reason_of(error: Exception) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not trusted ({error.verify_message})"
    return str(error) or type(error).__name__
