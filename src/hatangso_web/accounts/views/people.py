"""People: list, add, change, roles, lock, new password."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from hatangso_web.accounts.actions import (
    OwnDetails,
    add_person,
    change_person,
    give_role,
    reset_password,
    switch_person,
    take_role,
)
from hatangso_web.accounts.forms import NewPersonForm, PersonForm, RoleForm
from hatangso_web.accounts.models import Membership, Organisation, User
from hatangso_web.accounts.permissions import areas_filter, can_everywhere, require
from hatangso_web.accounts.queries import (
    audit_about,
    find_people,
    may_manage,
    organisations_in_force,
    people_managed_by,
)
from hatangso_web.accounts.roles import ROLE_CHOICES, Permission, Role
from hatangso_web.areas.models import Area
from hatangso_web.screen.faults import add_faults
from hatangso_web.screen.tables import make_listing

_COLUMNS = {
    "ten": ["name_order"],
    "dang-nhap": ["username"],
    "lan-cuoi": ["last_login"],
    "trang-thai": ["-is_active", "name_order"],
}


@require_safe
def people(request: HttpRequest) -> HttpResponse:
    """List the people an administrator looks after."""
    user = _administrator(request)
    found = people_managed_by(user)
    if words := request.GET.get("tim", ""):
        found = find_people(found, words)
    role = request.GET.get("vai-tro", "")
    if role == "khong":
        found = found.filter(memberships__isnull=True)
    elif role in set(Role):
        found = found.filter(memberships__role=role).distinct()
    context = {
        "title": _("Người dùng"),
        "breadcrumbs": [(_("Người dùng"), "")],
        "listing": make_listing(request, found, columns=_COLUMNS, default="ten"),
        "roles": [*ROLE_CHOICES, ("khong", _("Chưa được giao vai trò"))],
        "words": words,
        "role": role,
    }
    return render(request, "accounts/people.html", context)


@sensitive_variables("password")
@require_http_methods(["GET", "HEAD", "POST"])
def new_person(request: HttpRequest) -> HttpResponse:
    """Add a person and show their first password once."""
    user = _administrator(request)
    form = NewPersonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            person, password = add_person(
                username=form.cleaned_data["username"], details=_details(form), by=user
            )
        except ValidationError as fault:
            add_faults(form, fault)
        else:
            return _show_password(request, person, password)
    context = {"title": _("Thêm người dùng"), "breadcrumbs": _crumbs(_("Thêm người dùng")), "form": form}
    return render(request, "accounts/new_person.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def person(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a person: details, roles, what was done about them; save changed details."""
    user = _administrator(request)
    shown = get_object_or_404(people_managed_by(user), pk=pk)
    form = PersonForm(request.POST or None, instance=User.objects.get(pk=pk))
    if request.method == "POST" and form.is_valid():
        try:
            change_person(person=shown, details=_details(form), by=user)
        except ValidationError as fault:
            add_faults(form, fault)
        else:
            messages.success(request, _("Đã lưu thông tin của %(person)s.") % {"person": shown})
            return redirect("accounts:person", pk=pk)
    return _person_page(request, shown, form=form)


@require_POST
def person_role(request: HttpRequest, pk: int) -> HttpResponse:
    """Give a person a role."""
    user = _administrator(request)
    shown = get_object_or_404(people_managed_by(user), pk=pk)
    form = _role_form(request, user)
    if form.is_valid():
        try:
            give_role(
                person=shown,
                organisation=form.cleaned_data["organisation"],
                role=Role(form.cleaned_data["role"]),
                area=form.cleaned_data["area"],
                by=user,
            )
        except ValidationError as fault:
            add_faults(form, fault)
        else:
            messages.success(request, _("Đã giao vai trò cho %(person)s.") % {"person": shown})
            return redirect("accounts:person", pk=pk)
    return _person_page(request, shown, role_form=form)


@require_POST
def person_role_end(request: HttpRequest, pk: int, membership_pk: int) -> HttpResponse:
    """Take a role from a person."""
    user = _administrator(request)
    membership = get_object_or_404(
        Membership, pk=membership_pk, user__in=people_managed_by(user).filter(pk=pk)
    )
    try:
        take_role(membership=membership, by=user)
        messages.success(request, _("Đã thu vai trò “%(role)s”.") % {"role": membership.get_role_display()})
    except ValidationError as fault:
        messages.error(request, " ".join(fault.messages))
    return redirect("accounts:person", pk=pk)


@require_POST
def person_switch(request: HttpRequest, pk: int) -> HttpResponse:
    """Lock or unlock a person's account."""
    user = _administrator(request)
    shown = get_object_or_404(people_managed_by(user), pk=pk)
    on = request.POST.get("on") == "1"
    try:
        switch_person(person=shown, on=on, by=user)
        words = _("Đã mở khóa tài khoản của %(person)s.") if on else _("Đã khóa tài khoản của %(person)s.")
        messages.success(request, words % {"person": shown})
    except ValidationError as fault:
        messages.error(request, " ".join(fault.messages))
    return redirect("accounts:person", pk=pk)


@sensitive_variables("password")
@require_POST
def person_password(request: HttpRequest, pk: int) -> HttpResponse:
    """Give a person a new password and show it once."""
    user = _administrator(request)
    shown = get_object_or_404(people_managed_by(user), pk=pk)
    return _show_password(request, shown, reset_password(person=shown, by=user))


def _administrator(request: HttpRequest) -> User:
    require(request.user, Permission.MANAGE_PEOPLE)
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user


def _details(form: PersonForm) -> OwnDetails:
    return form.details()


def _crumbs(last: str) -> list[tuple[str, str]]:
    return [(_("Người dùng"), reverse("accounts:people")), (last, "")]


def _role_form(request: HttpRequest, user: User) -> RoleForm:
    return RoleForm(
        request.POST if request.method == "POST" else None,
        organisations=organisations_in_force(on=timezone.localdate()),
        areas=Area.objects.filter(areas_filter(user, Permission.MANAGE_PEOPLE)),
        prefix="role",
    )


def _person_page(
    request: HttpRequest, shown: User, *, form: PersonForm | None = None, role_form: RoleForm | None = None
) -> HttpResponse:
    user = request.user
    assert isinstance(user, User)
    unbound = RoleForm(
        organisations=organisations_in_force(on=timezone.localdate()),
        areas=Area.objects.none(),
        prefix="role",
    )
    context = {
        "title": str(shown),
        "breadcrumbs": _crumbs(str(shown)),
        "shown": shown,
        "form": form or PersonForm(instance=shown),
        "role_form": role_form or unbound,
        "may_change": may_manage(user, shown),
        "everywhere": can_everywhere(user, Permission.MANAGE_PEOPLE),
        "has_organisations": Organisation.objects.exists(),
        "events": audit_about("accounts.user", shown.pk)[:20],
    }
    return render(request, "accounts/person.html", context)


def _show_password(request: HttpRequest, person: User, password: str) -> HttpResponse:
    context = {
        "title": _("Mật khẩu tạm của %(person)s") % {"person": person},
        "breadcrumbs": _crumbs(str(person)),
        "shown": person,
        "password": password,
    }
    response = render(request, "accounts/temporary_password.html", context)
    response.headers["Cache-Control"] = "no-store"
    return response
