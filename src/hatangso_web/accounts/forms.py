"""Forms about people and organisations."""

from __future__ import annotations

from typing import Any

from allauth.account.forms import ChangePasswordForm, LoginForm, ReauthenticateForm
from allauth.mfa.base.forms import AuthenticateForm
from allauth.mfa.base.forms import ReauthenticateForm as CodeAgainForm
from allauth.mfa.totp.forms import ActivateTOTPForm
from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from hatangso_web.accounts.actions import OwnDetails
from hatangso_web.accounts.models import Membership, Organisation, User
from hatangso_web.accounts.roles import ROLE_CHOICES
from hatangso_web.areas.forms import AreaField
from hatangso_web.areas.models import Area

_PHONE = forms.TextInput(attrs={"type": "tel", "autocomplete": "off", "inputmode": "tel"})
_DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class SignInForm(LoginForm):
    """Name and password."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.fields["login"].label = _("Tên đăng nhập")
        self.fields["password"].label = _("Mật khẩu")
        self.fields["password"].help_text = ""
        self.fields.pop("remember", None)
        for name, completion in (("login", "username"), ("password", "current-password")):
            self.fields[name].widget.attrs = {
                "autocomplete": completion,
                "autocapitalize": "none",
                "spellcheck": "false",
            }


class OwnPasswordForm(ChangePasswordForm):
    """The present password and twice a new one."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        labels = {
            "oldpassword": _("Mật khẩu hiện tại"),
            "password1": _("Mật khẩu mới"),
            "password2": _("Mật khẩu mới, lần nữa"),
        }
        for name, label in labels.items():
            self.fields[name].label = label
            self.fields[name].widget.attrs.pop("placeholder", None)


class PasswordAgainForm(ReauthenticateForm):
    """The password once more, before a sensitive change."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.fields["password"].label = _("Mật khẩu")
        self.fields["password"].widget.attrs.pop("placeholder", None)


class CodeForm(AuthenticateForm):
    """The six digits of the second factor, at sign-in."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        _as_code(self.fields["code"])


class CodeAgain(CodeAgainForm):
    """The six digits once more, before a sensitive change."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        _as_code(self.fields["code"])


class ActivateCodeForm(ActivateTOTPForm):
    """The six digits that prove the telephone is set up."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        _as_code(self.fields["code"])


class OwnDetailsForm(forms.ModelForm[User]):
    """What people write about themselves."""

    class Meta:
        model = User
        fields = ["full_name", "position", "phone"]
        widgets = {"phone": _PHONE}

    def details(self) -> OwnDetails:
        """Return what was written."""
        return OwnDetails(**{name: self.cleaned_data[name] for name in self.fields if name != "username"})


class PersonForm(OwnDetailsForm):
    """What an administrator writes about a person."""

    class Meta(OwnDetailsForm.Meta):
        fields = ["full_name", "position", "email", "phone"]

    def clean_email(self) -> str:
        """Return the address in small letters, as it is compared."""
        return self.cleaned_data["email"].strip().casefold()


class NewPersonForm(PersonForm):
    """A person with a sign-in name."""

    class Meta(PersonForm.Meta):
        fields = ["username", *PersonForm.Meta.fields]
        help_texts = {"username": _("Chữ thường không dấu, số và . _ - ; không đổi được về sau.")}


class RoleForm(forms.ModelForm[Membership]):
    """A role for an organisation over an area."""

    area = AreaField(required=False)
    role = forms.ChoiceField(label=_("Vai trò"), choices=ROLE_CHOICES)

    class Meta:
        model = Membership
        fields = ["role", "organisation"]

    def __init__(
        self, *arguments: Any, organisations: QuerySet[Organisation], areas: QuerySet[Area], **options: Any
    ) -> None:
        super().__init__(*arguments, **options)
        self.fields["organisation"].queryset = organisations  # type: ignore[attr-defined]
        self.fields["area"].areas = areas  # type: ignore[attr-defined]
        self.fields["area"].help_text = _(
            "Gõ tên hoặc mã; vai trò có hiệu lực ở địa bàn này và các cấp dưới. "
            "Để trống: toàn hệ thống (chỉ cho người xem, lãnh đạo, quản trị)."
        )

    def _post_clean(self) -> None:
        """Leave the checking to the action, which knows the person."""


class OrganisationForm(forms.ModelForm[Organisation]):
    """An organisation; its name is changed by renaming."""

    area = AreaField(required=False)

    class Meta:
        model = Organisation
        fields = ["code", "name", "kind", "area", "valid_from"]
        widgets = {"valid_from": _DAY}

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        if self.instance.pk is not None:
            self.fields.pop("name")


class RenameForm(forms.Form):
    """A new name from a day on."""

    name = forms.CharField(label=_("Tên mới"), max_length=250)
    on = forms.DateField(label=_("Từ ngày"), widget=_DAY)


class EndForm(forms.Form):
    """The end of an organisation and what follows it."""

    on = forms.DateField(label=_("Ngày kết thúc hoạt động"), widget=_DAY)
    successor = forms.ModelChoiceField(
        label=_("Cơ quan kế thừa"),
        queryset=Organisation.objects.none(),
        required=False,
        empty_label=_("(không có)"),
    )

    def __init__(self, *arguments: Any, organisation: Organisation, **options: Any) -> None:
        super().__init__(*arguments, **options)
        others = Organisation.objects.exclude(pk=organisation.pk)
        self.fields["successor"].queryset = others  # type: ignore[attr-defined]


def _as_code(field: forms.Field) -> None:
    field.label = _("Mã xác thực")
    field.help_text = _("6 chữ số trên ứng dụng xác thực, hoặc một mã dự phòng.")
    field.widget.attrs = {"autocomplete": "one-time-code", "inputmode": "numeric", "autofocus": True}
