"""How allauth behaves here: nobody signs up by themselves, sign-ins are remembered in the audit trail."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialLogin
from django.http import HttpRequest, HttpResponse

from hatangso_web.accounts.actions import note_second_factor, note_sign_in, note_sign_out, set_own_password
from hatangso_web.accounts.models import User


class AccountAdapter(DefaultAccountAdapter):
    """Sign-in with name and password."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Nobody signs up: an administrator adds people."""
        return False

    def post_login(self, request: HttpRequest, user: User, **kwargs: Any) -> HttpResponse:
        """Remember the sign-in."""
        note_sign_in(user)
        return super().post_login(request, user, **kwargs)

    def logout(self, request: HttpRequest) -> None:
        """Remember the sign-out."""
        if isinstance(request.user, User):
            note_sign_out(request.user)
        super().logout(request)

    def set_password(self, user: User, password: str) -> None:
        """Change the password of a person at their own wish."""
        set_own_password(user=user, password=password)

    def send_notification_mail(self, template_prefix: str, user: User, *args: Any, **kwargs: Any) -> None:
        """Remember the change (allauth tells of it here); no mail goes out."""
        if template_prefix.endswith("totp_activated"):
            note_second_factor(user, on=True)
        elif template_prefix.endswith("totp_deactivated"):
            note_second_factor(user, on=False)


def attempted_name(request: HttpRequest, credentials: Mapping[str, Any] | None = None) -> str:
    """Return the sign-in name of an attempt, for django-axes: allauth hands it over as ``login``."""
    given = credentials or {}
    name = given.get("login") or given.get("username") or request.POST.get("login") or ""
    return str(name).strip().casefold()


class SocialAccountAdapter(DefaultSocialAccountAdapter):
    """Sign-in by the office's identity service (OpenID Connect)."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        """Only people an administrator has added, found by their verified e-mail address, come in."""
        return False


class SecondFactorAdapter(DefaultMFAAdapter):
    """The second factor."""

    def get_totp_label(self, user: User) -> str:
        """Name the account in the telephone's app by its sign-in name."""
        return user.username
