"""The OpenAI-compatible engine against a real HTTP server that misbehaves on purpose."""

import json
import logging
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from balsa_core.config import SynthesisConfig
from balsa_core.decoding import Decoding, Reply
from balsa_core.prompt import Message, conversation, user_message
from balsa_core.registry import load_plugin
from balsa_core.synthesis.chat import CHATS, ChatRequest, open_chat
from balsa_core.synthesis.chats.openai import EndpointError, OpenAIChat, Patience

KEY = "sk-very-secret"
# Time enough for an honest answer of a busy machine; the one test that waits for a timeout has its own.
QUICK = Patience(num_tries=4, first_wait_s=0.01, longest_wait_s=5.0, timeout_s=30.0)

Answer = Callable[[BaseHTTPRequestHandler], None]


@dataclass
class Server:
    """Plays the given answers in order, then answers well; remembers what it got."""

    answers: list[Answer] = field(default_factory=list)
    bodies: list[dict] = field(default_factory=list)
    headers: list[dict] = field(default_factory=list)
    times: list[float] = field(default_factory=list)
    address: str = ""
    at_once: int = 0
    most_at_once: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)


@pytest.fixture
def server() -> Iterator[Server]:
    state = Server()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            with state.lock:
                state.bodies.append(body | {"path": self.path})
                state.headers.append(dict(self.headers))
                state.times.append(time.monotonic())
                state.at_once += 1
                state.most_at_once = max(state.most_at_once, state.at_once)
                play = state.answers.pop(0) if state.answers else well
            self.body = body
            play(self)
            with state.lock:
                state.at_once -= 1

        def log_message(self, *_: object) -> None:
            pass

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    http.daemon_threads = True
    threading.Thread(target=http.serve_forever, daemon=True).start()
    state.address = f"http://127.0.0.1:{http.server_port}/v1"
    yield state
    http.shutdown()
    http.server_close()


def send(handler: BaseHTTPRequestHandler, status: int, text: str, **headers: str) -> None:
    data = text.encode()
    handler.send_response(status)
    for name, value in headers.items():
        handler.send_header(name.replace("_", "-"), value)
    handler.send_header("content-length", str(len(data)))
    handler.end_headers()
    handler.wfile.write(data)


def said(text: str | None, finish_reason: str = "stop", **more: object) -> Answer:
    choice = {"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": finish_reason}
    return lambda handler: send(handler, 200, json.dumps({"choices": [choice], **more}))


def well(handler: BaseHTTPRequestHandler) -> None:
    asked = handler.body["messages"][-1]["content"]
    said(f"answer to {asked.splitlines()[-1]}", usage={"completion_tokens": 7})(handler)


def status(code: int, text: str = "no", **headers: str) -> Answer:
    return lambda handler: send(handler, code, text, **headers)


def stall(handler: BaseHTTPRequestHandler) -> None:
    time.sleep(3.0)
    handler.close_connection = True


def close(handler: BaseHTTPRequestHandler) -> None:
    handler.close_connection = True


def cut(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.send_header("content-length", "1000")
    handler.end_headers()
    handler.wfile.write(b'{"choices": [')
    handler.close_connection = True


def request(text: str = "Replay the audio.", **more: int) -> ChatRequest:
    return ChatRequest(tuple(conversation(user_message(text))), ("(dog, rain)",), **more)


def chat(server: Server, **changes: object) -> OpenAIChat:
    config = SynthesisConfig(engine="openai", endpoint=server.address, batch_size=8)
    opened = open_chat("big-model", config, KEY)
    assert isinstance(opened, OpenAIChat)
    return replace(opened, patience=QUICK, **changes)


def test_the_request_has_model_sampling_key_and_the_seed_text_between_the_audio_marks(server: Server) -> None:
    (reply,) = chat(server).complete([request(draw=5)], Decoding(max_tokens=9, temperature=0.5, seed=1))
    assert reply == Reply("answer to Replay the audio.", "stop", 7)
    (body,) = server.bodies
    assert body["path"] == "/v1/chat/completions"
    assert body["messages"] == [
        {"role": "user", "content": "[Begin of audio](dog, rain)[End of audio]\nReplay the audio."}
    ]
    assert (body["model"], body["max_tokens"], body["temperature"]) == ("big-model", 9, 0.5)
    assert 0 <= body["seed"] < 2**31
    assert server.headers[0]["Authorization"] == f"Bearer {KEY}"


def test_system_turns_and_several_clips_keep_their_places(server: Server) -> None:
    messages = (Message("system", "Be brief."), *conversation(user_message("Compare.", 2)))
    chat(server).complete([ChatRequest(messages, ("(a)", "(b)"))], Decoding(9))
    assert server.bodies[0]["messages"] == [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "[Begin of audio](a)[End of audio]\n[Begin of audio](b)[End of audio]\nCompare."},
    ]


def test_another_draw_is_another_seed(server: Server) -> None:
    chat(server, num_at_once=1).complete([request(draw=1), request(draw=2), request(draw=1)], Decoding(9))
    first, second, third = (body["seed"] for body in server.bodies)
    assert first == third != second


def test_without_a_key_no_authorization_is_sent(server: Server) -> None:
    chat(server, key=None).complete([request()], Decoding(9))
    assert "Authorization" not in server.headers[0]


def test_replies_come_in_the_order_of_the_requests_and_no_more_run_at_once_than_allowed(server: Server) -> None:
    def slowly(handler: BaseHTTPRequestHandler) -> None:
        time.sleep(0.02)
        well(handler)

    server.answers = [slowly] * 40
    replies = chat(server, num_at_once=5).complete([request(f"Question {n}.") for n in range(40)], Decoding(9))
    assert [reply.text for reply in replies] == [f"answer to Question {n}." for n in range(40)]
    assert 1 < server.most_at_once <= 5


@pytest.mark.parametrize(
    "trouble",
    [
        status(429),
        status(500),
        status(503),
        close,
        cut,
        status(200, "{broken"),
        status(200, "{}"),
        status(200, '{"choices": []}'),
        status(200, '"text"'),
    ],
    ids=["429", "500", "503", "close", "cut", "broken", "no choices", "empty choices", "a text"],
)
def test_trouble_that_passes_is_outlived(server: Server, trouble: Answer) -> None:
    server.answers = [trouble, trouble]
    (reply,) = chat(server).complete([request()], Decoding(9))
    assert reply.text == "answer to Replay the audio."
    assert len(server.bodies) == 3


def test_with_trouble_now_and_then_nothing_is_lost(server: Server) -> None:
    troubles = [status(429, retry_after="0"), close, status(500), status(200, "{")]
    seen: set[str] = set()

    def first_try_fails(handler: BaseHTTPRequestHandler) -> None:
        asked = handler.body["messages"][-1]["content"]
        trouble = None if asked in seen else troubles[len(seen) % 4]
        seen.add(asked)
        (trouble or well)(handler)

    server.answers = [first_try_fails] * 200
    replies = chat(server).complete([request(f"Question {n}.") for n in range(60)], Decoding(9))
    assert [reply.text for reply in replies] == [f"answer to Question {n}." for n in range(60)]
    assert len(server.bodies) == 120


def test_a_stall_is_waited_out_for_the_timeout_only(server: Server) -> None:
    server.answers = [stall]
    (reply,) = replace(chat(server), patience=QUICK._replace(timeout_s=1.0)).complete([request()], Decoding(9))
    assert reply.text == "answer to Replay the audio."
    assert server.times[1] - server.times[0] < 3.0


def test_retry_after_in_seconds_is_obeyed(server: Server) -> None:
    server.answers = [status(429, retry_after="0.3")]
    chat(server).complete([request()], Decoding(9))
    assert server.times[1] - server.times[0] >= 0.3


def test_retry_after_as_a_date_is_obeyed(server: Server) -> None:
    date = (datetime.now(UTC) + timedelta(seconds=2)).replace(microsecond=0)
    server.answers = [status(429, retry_after=format_datetime(date, usegmt=True))]
    chat(server).complete([request()], Decoding(9))
    assert datetime.now(UTC) >= date


def test_a_retry_after_that_is_no_time_is_passed_over(server: Server) -> None:
    server.answers = [status(429, retry_after="soon")]
    assert len(chat(server).complete([request()], Decoding(9))) == 1


def test_an_endpoint_that_never_recovers_is_given_up(server: Server) -> None:
    server.answers = [status(503, "overloaded")] * 4
    with pytest.raises(EndpointError, match=r"failed 4 times, at last: HTTP 503: overloaded"):
        chat(server).complete([request()], Decoding(9))


@pytest.mark.parametrize("code", [400, 401, 404])
def test_a_refusal_is_not_tried_again(server: Server, code: int) -> None:
    server.answers = [status(code, "you may not")]
    with pytest.raises(EndpointError, match=rf"refuses: HTTP {code}: you may not"):
        chat(server).complete([request()], Decoding(9))
    assert len(server.bodies) == 1


def test_after_a_refusal_the_waiting_requests_are_not_sent(server: Server) -> None:
    server.answers = [status(401, "no key")] * 100
    with pytest.raises(EndpointError):
        chat(server, num_at_once=2).complete([request() for _ in range(100)], Decoding(9))
    assert len(server.bodies) < 100


@pytest.mark.parametrize("code", [401, 500])
def test_the_key_is_in_no_error_no_log_and_no_text_form(
    server: Server, code: int, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, logger="balsa_core")
    server.answers = [status(code, f"Incorrect API key provided: {KEY}")] * 4
    talker = chat(server)
    with pytest.raises(EndpointError) as caught:
        talker.complete([request()], Decoding(9))
    chain = [caught.value, caught.value.__cause__, caught.value.__context__]
    assert KEY not in " ".join(map(repr, [*chain, talker, talker.identity])) + caplog.text
    assert "***" in str(caught.value)


def test_user_and_password_of_the_address_are_not_shown(server: Server) -> None:
    server.answers = [status(401)]
    address = server.address.replace("http://", "http://me:hidden@")
    with pytest.raises(EndpointError) as caught:
        chat(server, endpoint=address).complete([request()], Decoding(9))
    assert "hidden" not in str(caught.value)


@pytest.mark.parametrize("reason", ["length", "content_filter", "stop"])
def test_the_finish_reason_is_kept(server: Server, reason: str) -> None:
    server.answers = [said("I hear", reason)]
    assert chat(server).complete([request()], Decoding(9)) == [Reply("I hear", reason, 0)]


def test_a_message_without_content_is_an_empty_reply(server: Server) -> None:
    server.answers = [said(None, "content_filter", usage=None)]
    assert chat(server).complete([request()], Decoding(9)) == [Reply("", "content_filter", 0)]


def test_nothing_asked_is_nothing_sent(server: Server) -> None:
    assert chat(server).complete([], Decoding(9)) == []
    assert server.bodies == []


def test_a_seed_without_a_place_is_refused(server: Server) -> None:
    with pytest.raises(ValueError, match="no audio place holder for 1 of 1 clips"):
        chat(server).complete([ChatRequest((Message("user", "Hello."),), ("(dog)",))], Decoding(9))


@pytest.mark.parametrize("endpoint", [None, "", "localhost:8000/v1"])
def test_an_endpoint_is_demanded(endpoint: str | None) -> None:
    with pytest.raises(ValueError, match="needs one like http://localhost:8000/v1"):
        open_chat("big-model", SynthesisConfig(engine="openai", endpoint=endpoint))


def test_an_unreachable_endpoint_is_an_endpoint_error() -> None:
    talker = OpenAIChat("m", "http://127.0.0.1:9/v1", 1, patience=QUICK)
    with pytest.raises(EndpointError, match="ConnectError"):
        talker.complete([request()], Decoding(9))


def test_its_identity_is_the_name_at_the_endpoint(server: Server) -> None:
    assert chat(server).identity == "openai:big-model"
    assert load_plugin(CHATS, "openai").name == "openai"
