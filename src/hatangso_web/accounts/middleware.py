"""Who is let in before any page opens: one must have signed in, and must have chosen a password of one's own."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit

from allauth.account.authentication import get_authentication_records
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from hatangso_web.accounts.models import User

# What stays open to a person who still has the password an administrator gave them.
_OPEN_BEFORE_OWN_PASSWORD = frozenset(
    {
        "account_change_password",
        "account_set_password",
        "account_logout",
        "account_reauthenticate",
        "mfa_authenticate",
        "mfa_reauthenticate",
        "set_language",
        "health",
    }
)


class SignInFirstMiddleware(LoginRequiredMiddleware):
    """Sends who has not signed in to sign in, and who holds a given password to choose their own.

    A form sent after the session ended leads back to the page it stood on, not to an address that only takes
    forms. A request of a script is answered 401, so that the page with what was typed stays on the screen.
    """

    def process_view(
        self, request: HttpRequest, view_func: Callable, view_args: tuple, view_kwargs: dict
    ) -> HttpResponse | None:
        """Return the answer that stands in the way, or nothing."""
        refused = super().process_view(request, view_func, view_args, view_kwargs)
        if refused is not None or not _holds_given_password(request):
            return refused
        match = request.resolver_match
        if match is not None and match.view_name in _OPEN_BEFORE_OWN_PASSWORD:
            return None
        if _is_from_script(request):
            return _unauthorized()
        return redirect("account_change_password")

    def handle_no_permission(self, request: HttpRequest, view_func: Callable) -> HttpResponse:
        """Lead to the form of signing in."""
        if _is_from_script(request):
            return _unauthorized()
        if request.method in {"GET", "HEAD"}:
            return super().handle_no_permission(request, view_func)  # type: ignore[no-any-return]
        messages.warning(
            request,
            _("Phiên làm việc đã hết; thao tác vừa rồi chưa được lưu. Hãy đăng nhập rồi làm lại."),
        )
        return redirect_to_login(_page_of_form(request), reverse(settings.LOGIN_URL))


def _holds_given_password(request: HttpRequest) -> bool:
    """Whether the person came in with a password an administrator gave them, not by the identity service."""
    user = request.user
    if not isinstance(user, User) or not user.must_change_password:
        return False
    return all(
        record.get("method") != "socialaccount" for record in get_authentication_records(request, user)
    )


def _is_from_script(request: HttpRequest) -> bool:
    return request.headers.get("HX-Request") == "true"


def _unauthorized() -> HttpResponse:
    return HttpResponse(_("Phiên làm việc đã hết."), status=401, content_type="text/plain; charset=utf-8")


def _page_of_form(request: HttpRequest) -> str:
    """Return the page the form was sent from, where it is one of ours; the first page otherwise."""
    sent_from = request.headers.get("Referer", "")
    if not url_has_allowed_host_and_scheme(
        sent_from, {request.get_host()}, require_https=request.is_secure()
    ):
        return "/"
    parts = urlsplit(sent_from)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path or "/"
