"""Forms about people and organisations."""

from __future__ import annotations

from allauth.mfa.base.forms import AuthenticateForm
from allauth.mfa.totp.forms import ActivateTOTPForm


class CodeForm(AuthenticateForm):
    """The six digits of the second factor, at sign-in."""


class ActivateCodeForm(ActivateTOTPForm):
    """The six digits that prove the telephone is set up."""
