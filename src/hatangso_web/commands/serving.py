"""Running the site: web server and worker."""

from __future__ import annotations

import os
import signal
import sys
import threading
from types import FrameType
from typing import Any

import waitress
from django.conf import settings
from django.core.management import call_command
from django.core.wsgi import get_wsgi_application
from django.urls import resolve

from hatangso.cli.screen import err, words
from hatangso_web.commands.starting import refuse_pending
from hatangso_web.indicators.jobs import compute_what_was_left
from hatangso_web.measurements.pings import with_pings


def serve(*, host: str, port: int, threads: int) -> None:
    """Run the web site until stopped."""
    refuse_pending()
    if not settings.HTTPS and host not in {"127.0.0.1", "localhost", "::1"}:
        err.print(
            words(
                "Chú ý: trang chạy không mã hóa trên mạng. Đặt sau máy chủ HTTPS và đặt HATANGSO_HTTPS=1, HATANGSO_BEHIND_PROXY=1.",
                "Mind: the site runs unencrypted on the network. Put it behind HTTPS and set HATANGSO_HTTPS=1, HATANGSO_BEHIND_PROXY=1.",
            )
        )
    err.print(
        words(
            f"Trang web: http://{host}:{port}/ (Ctrl-C để dừng)",
            f"Site: http://{host}:{port}/ (Ctrl-C stops)",
        )
    )
    listen(host=host, port=port, threads=threads)


def listen(*, host: str, port: int, threads: int) -> None:
    """Build the static files and answer requests until stopped by Ctrl-C or SIGTERM; Django is ready.

    Addresses bring in the whole program, some seconds of work: done before the port opens, so that no visitor waits.
    """
    call_command("collectstatic", verbosity=0, interactive=False)
    application = with_pings(get_wsgi_application())
    resolve("/")
    signal.signal(signal.SIGTERM, _leave)
    waitress.serve(
        application,
        host=host,
        port=port,
        threads=threads,
        ident="hatangso",
        # Past this the connection is cut; up to it a file that is too large is answered with a sentence.
        max_request_body_size=2 * max(2 * settings.UPLOAD_LIMIT_BYTES, settings.SPEED_FILE_LIMIT_BYTES),
        channel_timeout=60,
        _quiet=True,
        **proxy_options(),
    )


def proxy_options() -> dict[str, Any]:
    """Return what the web server believes of the server in front: nothing when there is none.

    The nearest address in X-Forwarded-For becomes the visitor's, so that limits by address (signing in, the speed
    test) count visitors and not the proxy. What any other computer writes into these headers is thrown away.
    """
    if settings.SECURE_PROXY_SSL_HEADER is None:
        return {"clear_untrusted_proxy_headers": True}
    return {
        "trusted_proxy": settings.TRUSTED_PROXY,
        "trusted_proxy_count": 1,
        "trusted_proxy_headers": {"x-forwarded-proto", "x-forwarded-for"},
        "clear_untrusted_proxy_headers": True,
    }


def work(*, until_empty: bool, with_parent: bool = False) -> None:
    """Run background work until stopped, or until nothing is left.

    With ``with_parent`` it also stops when the process that started it is gone, however that ended: the end of
    the standard input tells.
    """
    refuse_pending()
    compute_what_was_left()
    if with_parent:
        threading.Thread(target=_stop_when_alone, daemon=True).start()
    call_command(
        "db_worker", queue_name="*", batch=until_empty, reload=False, startup_delay=False, verbosity=1
    )


def _stop_when_alone() -> None:
    while os.read(sys.stdin.fileno(), 1024):
        pass
    os.kill(os.getpid(), signal.SIGTERM)


def _leave(number: int, frame: FrameType | None) -> None:
    raise SystemExit(0)
