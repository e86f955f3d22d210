"""What the web server believes of a server in front of it, asked over a real connection."""

from __future__ import annotations

import functools
import http.client
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import waitress
from waitress.wasyncore import close_all

from hatangso_web.commands.serving import proxy_options

Ask = Callable[[dict[str, str]], list[str]]


def who_asks(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
    """Answer with the visitor's address, the scheme and what is left of the header."""
    start_response("200 OK", [("Content-Type", "text/plain")])
    told = (environ["REMOTE_ADDR"], environ["wsgi.url_scheme"], environ.get("HTTP_X_FORWARDED_FOR", "-"))
    return ["|".join(told).encode()]


@pytest.fixture
def ask() -> Iterator[Ask]:
    running: list[tuple[Any, threading.Thread]] = []

    def asked(headers: dict[str, str]) -> list[str]:
        server = waitress.create_server(who_asks, host="127.0.0.1", port=0, threads=1, **proxy_options())
        thread = threading.Thread(target=server.run, daemon=True)
        thread.start()
        running.append((server, thread))
        connection = http.client.HTTPConnection("127.0.0.1", server.effective_port, timeout=10)
        connection.request("GET", "/", headers=headers)
        answer = connection.getresponse().read().decode().split("|")
        connection.close()
        return answer

    yield asked
    for server, thread in running:
        # Closed by its own thread: the one that waits on these sockets must not find them gone.
        server.trigger.pull_trigger(functools.partial(close_all, server._map))
        thread.join(timeout=30)
        assert not thread.is_alive()
        server.task_dispatcher.shutdown()


SENT = {"X-Forwarded-For": "6.6.6.6, 203.0.113.9", "X-Forwarded-Proto": "https"}


@pytest.mark.parametrize("proxy", ["*", "127.0.0.1"])
def test_behind_a_proxy_the_visitor_is_the_one_the_proxy_saw(settings: Any, ask: Ask, proxy: str) -> None:
    settings.SECURE_PROXY_SSL_HEADER, settings.TRUSTED_PROXY = ("HTTP_X_FORWARDED_PROTO", "https"), proxy
    address, scheme, _left = ask(SENT)
    assert (address, scheme) == ("203.0.113.9", "https")  # not 6.6.6.6, which the visitor may have made up


def test_the_word_of_any_other_computer_is_thrown_away(settings: Any, ask: Ask) -> None:
    settings.SECURE_PROXY_SSL_HEADER, settings.TRUSTED_PROXY = ("HTTP_X_FORWARDED_PROTO", "https"), "10.9.9.9"
    assert ask(SENT) == ["127.0.0.1", "http", "-"]


def test_without_a_proxy_nobody_names_another_address(settings: Any, ask: Ask) -> None:
    settings.SECURE_PROXY_SSL_HEADER = None
    assert ask(SENT) == ["127.0.0.1", "http", "-"]
