"""The models of the loop: a teacher that marks as it is told, and students of what they are fed.

All are n-gram models (``benchmarks/ngram_models.py``), so that a whole distillation attack takes
seconds. The engine around the teacher is what stands around a large one: an OpenAI-compatible
server that reads key identifiers out of the request and marks by ``cautery.inference``.
"""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from pathlib import Path
from typing import Any, Final

import numpy as np
import tokenizers
from benchmarks.ngram_models import (
    ROW_TOKENS,
    VOCABULARY,
    Student,
    Whole,
    human_words,
    teacher,
    vocabulary,
)

from cautery.errors import ConfigurationError
from cautery.inference.key_choice import FIELD, KeyChoice
from cautery.inference.response import Response
from cautery.inference.vllm_request import EXTRA_ARGUMENTS
from cautery.records.key import Key
from cautery.watermark.key_file import load_keys
from cautery.watermark.profile import load_profile
from cautery.watermark.tokenizer import Tokenizer

TOKENIZER: Final = "tokenizer.json"
ORDER: Final = 2
"""Tokens of the longest context that a student knows."""
TEXTS_OF_ANSWER: Final = 10
"""Texts that a student writes on one question, so that few questions are enough."""
Body = dict[str, Any]


def write_tokenizer(folder: Path) -> str:
    """Write the teacher's tokenizer: its words, in lower case, and marks.

    Returns:
        SHA-256 of the file.
    """
    words = {**vocabulary(), "<unknown>": VOCABULARY}
    made = tokenizers.Tokenizer(tokenizers.models.WordLevel(words, unk_token="<unknown>"))
    made.normalizer = tokenizers.normalizers.Lowercase()
    pattern = tokenizers.Regex(r"[A-Za-z']+|[.,!?]")
    made.pre_tokenizer = tokenizers.pre_tokenizers.Split(pattern, "removed", invert=True)
    made.save(str(folder / TOKENIZER))
    return hashlib.sha256((folder / TOKENIZER).read_bytes()).hexdigest()


def words_of(tokens: Whole) -> str:
    """Write tokens as the text that the tokenizer reads them from."""
    words = list(vocabulary())
    return " ".join(words[token] for token in tokens.ravel().tolist())


class Engine:
    """A model server's inside: the teacher, and the keys that it may be told to mark with.

    Args:
        profile: Profile of the watermark.
        keys: Key file.
        default_key_ids: Keys of a request that names none, one a layer.
        seed: Of what the watermark leaves to chance.
    """

    def __init__(
        self, profile: Path, keys: Path, default_key_ids: Sequence[str], seed: int
    ) -> None:
        loaded = load_profile(profile)
        if loaded.tokenizer is None:
            raise ConfigurationError("the engine needs the tokenizer", where=str(profile))
        self._tokenizer = Tokenizer(loaded.tokenizer)
        self._choice = KeyChoice(loaded, load_keys(keys, loaded), default_key_ids)
        self._generator = np.random.default_rng(seed)
        self.marked: list[tuple[str, ...]] = []
        """Keys of each answer, by identifier."""

    def __call__(self, body: Body) -> str:
        """Answer the last message of a chat, marked by the keys that the request names."""
        prompt = self._tokenizer.encode(str(body["messages"][-1]["content"]))
        keys = self._choice.keys_of(body.get(EXTRA_ARGUMENTS))
        self.marked.append(tuple(key.key_id for key in keys or ()))
        return words_of(self.write(prompt, keys))

    def plain(self, question: str) -> str:
        """Answer without a mark: what was served before there was one."""
        return words_of(self.write(self._tokenizer.encode(question), None))

    def read(self, texts: Sequence[str]) -> Whole:
        """Turn answers into training texts, shape (texts, ``ROW_TOKENS``)."""
        return np.array([self._tokenizer.encode(text)[:ROW_TOKENS] for text in texts])

    def write(self, prompt: Whole, keys: tuple[Key, ...] | None) -> Whole:
        """Write an answer of ``ROW_TOKENS`` tokens, one by one as an engine does."""
        model, draw = teacher(), self._generator
        response = Response(lambda: self._choice.begin(keys or (), prompt.tolist()), draw)
        last = next((token for token in prompt[::-1].tolist() if token < VOCABULARY), 0)
        text = np.empty(ROW_TOKENS, dtype=np.int64)
        for place in range(ROW_TOKENS):
            offered, chances = model.candidates[last], model.probabilities[last]
            if keys is None:
                last = int(draw.choice(offered, p=chances))
            else:
                last = response.choose(chances, offered)
                response.accept(last)
            text[place] = last
        return text


def other_text() -> Whole:
    """What a student is trained on besides: the human prompts of the package."""
    number = vocabulary()
    words = [number[word] for text in human_words() for word in text if word in number]
    rows = len(words) // ROW_TOKENS
    return np.array(words[: rows * ROW_TOKENS], dtype=np.int64).reshape(rows, ROW_TOKENS)


class SuspectModel:
    """A student behind an endpoint.

    Args:
        answers: Answers of the teacher among its training texts.
    """

    def __init__(self, answers: Whole) -> None:
        self._student = Student(np.concatenate([answers, other_text()]), ORDER)
        self._numbers = count(1)

    def __call__(self, _body: Body) -> str:
        """Write some texts; an n-gram model has no ear for the question."""
        return words_of(self._student.write(TEXTS_OF_ANSWER, next(self._numbers)))


@contextmanager
def chat_server(answer: Callable[[Body], str]) -> Iterator[str]:
    """Serve a model as OpenAI's chat interface does.

    Args:
        answer: From the body of a request to the text.

    Yields:
        Address, without the version.
    """

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            try:
                status, told = 200, _completion(answer(body), str(body.get("model", "")))
            except ConfigurationError as error:
                status, told = 400, {"error": {"message": str(error), "code": FIELD}}
            content = json.dumps(told).encode()
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: Any) -> None:
            """Keep the output for the steps."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _completion(text: str, model: str) -> Body:
    choice = {"index": 0, "message": {"role": "assistant", "content": text}}
    tokens = len(text.split())
    return {
        "id": "chat-1",
        "object": "chat.completion",
        "model": model,
        "choices": [{**choice, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 1, "completion_tokens": tokens, "total_tokens": tokens + 1},
    }
