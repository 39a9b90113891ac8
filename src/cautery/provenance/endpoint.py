"""An OpenAI-compatible endpoint of a suspect model, asked one prompt at a time.

The endpoint is hostile until it has answered: what it sends is bounded in size and time,
redirections are not followed, proxies of the environment are not used, and the key is shown over
TLS only (or to this machine). Nothing that it says is trusted: it may call itself another model,
count tokens wrongly, or answer everybody alike; that is written down, and never believed.
"""

from __future__ import annotations

import http.client
import ipaddress
import socket
import ssl
import threading
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final, Literal
from urllib.parse import SplitResult, urlsplit

import msgspec

from cautery.errors import ConfigurationError
from cautery.provenance.first_tokens import first_tokens_of
from cautery.records.key import Secret

ANSWER_SECONDS: Final = 120.0
"""For one whole answer: an endpoint that drips bytes is as good as none."""
MOST_ANSWER_BYTES: Final = 8 * 1024 * 1024
LONGEST_WAIT_SECONDS: Final = 300.0
"""Longest wait that an endpoint may ask for (Retry-After)."""
STOPPING: Final = frozenset({401, 402, 403, 404, 405})
"""Answers after which no prompt will fare better."""
BUSY: Final = frozenset({408, 409, 425, 429})
BYTES_OF_A_TOKEN: Final = 8
"""A text of so many bytes has at least a token, whatever the endpoint says that it counted."""

Style = Literal["chat", "completions"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Completion:
    """An answer."""

    text: str
    finish_reason: str
    model: str
    """What the endpoint calls itself; empty if it does not say."""
    prompt_tokens: int
    """As the endpoint counts; 0 if it does not say."""
    completion_tokens: int
    """As it counts, or what so long a text has at least."""
    first_tokens: tuple[str, ...] = ()
    """Its likeliest first tokens, the likeliest first; empty if it does not give them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """No answer."""

    reason: str
    """In words, without what the endpoint wrote."""
    again: bool
    """Whether the same prompt may be asked again."""
    stop: bool = False
    """Whether no prompt will fare better."""
    wait_seconds: float | None = None
    """How long the endpoint asks to wait."""


class _Usage(msgspec.Struct, frozen=True):
    prompt_tokens: int | None = None
    completion_tokens: int | None = None


class _Message(msgspec.Struct, frozen=True):
    content: str | None = None
    refusal: str | None = None


class _Choice(msgspec.Struct, frozen=True):
    message: _Message | None = None
    text: str | None = None
    finish_reason: str | None = None
    logprobs: msgspec.Raw = msgspec.Raw(b"null")


class _Body(msgspec.Struct, frozen=True):
    choices: list[_Choice]
    model: str | None = None
    usage: _Usage | None = None


_DECODER: Final = msgspec.json.Decoder(_Body)


@dataclass(frozen=True, kw_only=True)
class Endpoint:
    """Where a suspect answers, and how it is asked.

    Raises:
        ConfigurationError: The address is none, or would show the key in clear.
    """

    url: str
    """Up to the version, for example ``https://suspect.example/v1``."""
    model: str
    style: Style = "chat"
    max_tokens: int = 256
    temperature: float = 1.0
    key: Secret | None = None
    seconds: float = ANSWER_SECONDS
    top_logprobs: int = 0
    """Likeliest first tokens to ask for; 0 to ask for none, as not every endpoint has them."""
    trust: ssl.SSLContext | None = None
    """Certificates to trust; the system's if None."""
    _parts: SplitResult = field(init=False, repr=False)

    def __post_init__(self) -> None:
        try:
            parts = urlsplit(self.url)
            valid = parts.scheme in {"http", "https"} and bool(parts.hostname)
            valid = (
                valid and (parts.port or 1) > 0 and self.url.isascii() and self.url.isprintable()
            )
        except ValueError:
            valid = False
        if not valid or parts.username or parts.query or parts.fragment or " " in self.url:
            raise ConfigurationError(
                "not the address of an endpoint",
                where="suspect",
                hint="Give it up to the version: https://suspect.example/v1.",
            )
        if self.key is not None and parts.scheme != "https" and not _is_here(parts.hostname or ""):
            raise ConfigurationError(
                "the key would be sent in clear", where=self.url, hint="Use https."
            )
        object.__setattr__(self, "_parts", parts)

    def complete(self, prompt: str) -> Completion | Failure:
        """Ask one prompt, once.

        Args:
            prompt: The text.

        Returns:
            The answer, or why there is none.
        """
        try:
            status, wait, body = self._exchange(msgspec.json.encode(self._question(prompt)))
        except TimeoutError:
            return Failure(reason=f"no answer within {self.seconds:g} s", again=True)
        except ssl.SSLError as error:
            reason = error.reason or type(error).__name__
            return Failure(reason=f"no secure connection: {reason}", again=False, stop=True)
        except (OSError, http.client.HTTPException, ValueError) as error:
            return Failure(reason=f"the connection failed ({type(error).__name__})", again=True)
        if status != http.client.OK:
            return _refused(status, wait)
        if len(body) > MOST_ANSWER_BYTES:
            return Failure(
                reason=f"an answer of more than {MOST_ANSWER_BYTES:,} bytes", again=False
            )
        return self._read(body)

    def _question(self, prompt: str) -> dict[str, Any]:
        asked: dict[str, Any] = {
            "model": self.model,
            "max_tokens": self.max_tokens,
            "temperature": self.temperature,
            "stream": False,
        }
        if self.top_logprobs and self.style == "chat":
            asked |= {"logprobs": True, "top_logprobs": self.top_logprobs}
        elif self.top_logprobs:
            asked |= {"logprobs": self.top_logprobs}
        if self.style == "chat":
            return asked | {"messages": [{"role": "user", "content": prompt}]}
        return asked | {"prompt": prompt}

    def _exchange(self, body: bytes) -> tuple[int, float | None, bytes]:
        host, port = self._parts.hostname or "", self._parts.port
        connection: http.client.HTTPConnection
        if self._parts.scheme == "https":
            trust = self.trust or ssl.create_default_context()
            connection = http.client.HTTPSConnection(
                host, port, timeout=self.seconds, context=trust
            )
        else:
            connection = http.client.HTTPConnection(host, port, timeout=self.seconds)
        late, streams = threading.Event(), list[socket.socket]()
        # A timeout of the socket is for one wait only; this one ends the whole. The socket is kept
        # apart, as the connection lets go of it once an answer that ends it has begun.
        ending = threading.Timer(self.seconds, _cut, [streams, late])
        ending.daemon = True
        ending.start()
        headers = {"content-type": "application/json", "accept": "application/json"}
        if self.key is not None:
            headers["authorization"] = f"Bearer {self.key.reveal().decode('ascii')}"
        verb = "chat/completions" if self.style == "chat" else "completions"
        try:
            connection.connect()
            streams.append(connection.sock)
            connection.request("POST", f"{self._parts.path.rstrip('/')}/{verb}", body, headers)
            answer = connection.getresponse()
            found = answer.status, _wait(answer), _whole(answer)
            if late.is_set():
                raise TimeoutError
            return found  # noqa: TRY300 - what was read before the end of time counts
        except (OSError, http.client.HTTPException, ValueError) as error:
            if late.is_set():
                raise TimeoutError from error
            raise
        finally:
            ending.cancel()
            connection.close()

    def _read(self, body: bytes) -> Completion | Failure:
        try:
            found = _DECODER.decode(body)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return Failure(reason="an answer that is no completion", again=True)
        if not found.choices:
            return Failure(reason="an answer without a choice", again=True)
        first = found.choices[0]
        said = first.message
        text = (said.content or said.refusal) if said is not None else first.text
        usage = found.usage or _Usage()
        least = -(-len((text or "").encode("utf-8", "surrogatepass")) // BYTES_OF_A_TOKEN)
        return Completion(
            text=text or "",
            finish_reason=(first.finish_reason or "")[:64],
            model=(found.model or "")[:256],
            prompt_tokens=max(usage.prompt_tokens or 0, 0),
            completion_tokens=max(usage.completion_tokens or 0, least),
            first_tokens=first_tokens_of(first.logprobs, self.top_logprobs),
        )


def _refused(status: int, wait: float | None) -> Failure:
    reason = f"the endpoint answered {status}"
    if 300 <= status < 400:
        return Failure(reason=f"{reason}: it sends elsewhere", again=False, stop=True)
    if status in STOPPING:
        return Failure(reason=reason, again=False, stop=True)
    return Failure(reason=reason, again=status in BUSY or status >= 500, wait_seconds=wait)


def _wait(answer: http.client.HTTPResponse) -> float | None:
    """Read how many seconds it asks to wait; a date is passed over."""
    given = (answer.getheader("retry-after") or "").strip()
    if not given.isdecimal() or len(given) > 6:
        return None
    return min(float(given), LONGEST_WAIT_SECONDS)


def _is_here(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _whole(answer: http.client.HTTPResponse) -> bytes:
    """Read a body up to a bound; half a body is none."""
    body = answer.read(MOST_ANSWER_BYTES + 1)
    if len(body) <= MOST_ANSWER_BYTES and answer.length:
        raise http.client.IncompleteRead(body, answer.length)
    return body


def _cut(streams: list[socket.socket], late: threading.Event) -> None:
    late.set()
    for stream in streams:
        with suppress(OSError):
            stream.shutdown(socket.SHUT_RDWR)
