"""Private matching: two providers learn which values both have, by three files.

Private set intersection after Meadows (1986) and Huberman, Franklin and Hogg (1999), as OpenMined's
PSI does it on the curve P-256: each side raises hashed values to a secret power, and only values
that went through both powers are compared. Who asks learns the overlap; who answers learns how
many were asked. Nothing here hides a value from somebody who may ask about all values there are.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeVar

import msgspec

from cautery.errors import ConfigurationError, MalformedFileError, MissingExtraError
from cautery.intel.limits import MOST_FILE_BYTES
from cautery.intel.values_file import Value
from cautery.records.key import Secret

SCHEMA: Final = "cautery.psi/1"
SECRET_SCHEMA: Final = "cautery.psi-secret/1"
MOST_ASKED: Final = 50_000
"""Values of one request that are answered unless more are allowed."""
_FALSE_POSITIVES: Final = 1e-9
"""Asked for by the library; the raw form that is used has none."""


class _Request(msgspec.Struct, frozen=True):
    schema: str
    step: Literal["request"]
    session: str
    values: int
    message: str


class _Response(msgspec.Struct, frozen=True):
    schema: str
    step: Literal["response"]
    session: str
    request_sha256: str
    values: int
    setup: str
    message: str


class _Kept(msgspec.Struct, frozen=True):
    schema: str
    session: str
    request_sha256: str
    key: str
    values: list[Value]


_File = TypeVar("_File", _Request, _Response, _Kept)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What asking a peer gives."""

    request: bytes
    """The file for the peer."""
    kept: Secret
    """What reads the peer's answer: a key, and one's values."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """What answering a peer gives."""

    response: bytes
    """The file for the peer."""
    asked: int
    """Values that the peer asked about."""


def ask(values: Sequence[Value]) -> Asked:
    """Ask a peer about values.

    Args:
        values: Each once.

    Returns:
        The request and what must be kept.

    Raises:
        MissingExtraError: The extra ``intel`` is not installed.
    """
    psi = _library()
    # The order of values would tell something about them.
    asked = list(values)
    secrets.SystemRandom().shuffle(asked)
    client = psi.client.CreateWithNewKey(True)
    message = client.CreateRequest([_item(value) for value in asked]).SerializeToString()
    session = secrets.token_hex(16)
    request = _encoded(_Request(SCHEMA, "request", session, len(asked), _text(message)))
    key = client.GetPrivateKeyBytes().hex()
    kept = _Kept(SECRET_SCHEMA, session, hashlib.sha256(request).hexdigest(), key, asked)
    return Asked(request=request, kept=Secret(_encoded(kept)))


def answer(request: bytes, where: str, values: Sequence[Value], most: int = MOST_ASKED) -> Answered:
    """Answer a peer's request, under a key that is used once.

    Args:
        request: The peer's file.
        where: Its name, for messages.
        values: One's own values, each once.
        most: Values that a request may have.

    Returns:
        The response, and how many values were asked about.

    Raises:
        MalformedFileError: It is no request, or asks about too many values.
        MissingExtraError: The extra ``intel`` is not installed.
    """
    psi = _library()
    file = _decoded(request, _Request, SCHEMA, where)
    asked = psi.Request()
    _parse(asked, file.message, where)
    count = _number_asked(asked, file.values, where, most)
    own = list(values)
    secrets.SystemRandom().shuffle(own)
    server = psi.server.CreateWithNewKey(True)
    try:
        message = server.ProcessRequest(asked)
    except (RuntimeError, ValueError) as error:
        raise _fault(where, "a value in it is no point of the curve") from error
    setup = server.CreateSetupMessage(
        _FALSE_POSITIVES, count, [_item(value) for value in own], psi.DataStructure.RAW
    )
    response = _Response(
        SCHEMA,
        "response",
        file.session,
        hashlib.sha256(request).hexdigest(),
        len(own),
        _text(setup.SerializeToString()),
        _text(message.SerializeToString()),
    )
    return Answered(response=_encoded(response), asked=count)


def _number_asked(asked: Any, stated: int, where: str, most: int) -> int:
    """Count the values of a request, and refuse one that is not to be answered."""
    count = len(asked.encrypted_elements)
    if count != stated or not count:
        raise _fault(where, "it does not ask about as many values as it says")
    if count > most:
        raise MalformedFileError(
            f"it asks about {count:,} values, more than the {most:,} that are answered",
            where=where,
            hint="Ask the peer why. --most allows more.",
        )
    if not asked.reveal_intersection:
        raise _fault(where, "it asks for a number only, which this program does not answer")
    return count


def overlap(response: bytes, where: str, kept: Secret, kept_where: str) -> list[Value]:
    """Read a peer's answer.

    Args:
        response: The peer's file.
        where: Its name, for psi.
        kept: What asking kept.
        kept_where: Its name, for psi.

    Returns:
        Values that both have, sorted.

    Raises:
        MalformedFileError: It is no answer to this request.
        ConfigurationError: What was kept is damaged.
        MissingExtraError: The extra ``intel`` is not installed.
    """
    psi = _library()
    mine = _decoded(kept.reveal(), _Kept, SECRET_SCHEMA, kept_where)
    file = _decoded(response, _Response, SCHEMA, where)
    if (file.session, file.request_sha256) != (mine.session, mine.request_sha256):
        raise _fault(where, "it answers another request")
    setup, answered = psi.ServerSetup(), psi.Response()
    _parse(setup, file.setup, where)
    _parse(answered, file.message, where)
    if len(answered.encrypted_elements) != len(mine.values):
        raise _fault(where, "it does not answer every value")
    try:
        client = psi.client.CreateFromKey(bytes.fromhex(mine.key), True)
    except (RuntimeError, ValueError):
        # From None: the cause may show the key.
        raise ConfigurationError("the key in it is damaged", where=kept_where) from None
    try:
        places = client.GetIntersection(setup, answered)
    except (RuntimeError, ValueError) as error:
        raise _fault(where, "it cannot be read with the key of the request") from error
    return sorted(mine.values[place] for place in places)


def _item(value: Value) -> str:
    return "\0".join(("cautery.psi/1", *value))


def _text(message: bytes) -> str:
    return base64.b64encode(message).decode("ascii")


def _encoded(file: msgspec.Struct) -> bytes:
    return msgspec.json.encode(file) + b"\n"


def _decoded(content: bytes, kind: type[_File], schema: str, where: str) -> _File:
    if len(content) > 2 * MOST_FILE_BYTES:
        raise _fault(where, f"it is larger than the {2 * MOST_FILE_BYTES:,} bytes that are read")
    try:
        file = msgspec.json.decode(content, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        # From None: the cause may quote a value.
        raise _fault(where, f"this is no file {schema} of this step") from None
    if file.schema != schema:
        raise _fault(where, f"its schema is not {schema}")
    return file


def _parse(message: Any, text: str, where: str) -> None:
    from google.protobuf.message import DecodeError

    try:
        message.ParseFromString(base64.b64decode(text, validate=True))
    except (DecodeError, binascii.Error, ValueError) as error:
        raise _fault(where, "a message in it is damaged") from error


def _library() -> Any:
    try:
        import private_set_intersection.python as psi
    except ImportError as error:
        raise MissingExtraError(
            "private matching needs OpenMined's PSI", hint="pip install 'cautery[intel]'"
        ) from error
    return psi


def _fault(where: str, what: str) -> MalformedFileError:
    return MalformedFileError(what, where=where, hint="Begin anew: cautery intel match request.")
