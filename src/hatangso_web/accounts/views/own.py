"""The person's own account."""

from __future__ import annotations

from allauth.mfa.utils import is_mfa_enabled
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from hatangso_web.accounts.actions import change_own_details
from hatangso_web.accounts.forms import OwnDetailsForm
from hatangso_web.accounts.models import User
from hatangso_web.accounts.permissions import areas_visible_to
from hatangso_web.accounts.queries import audit_about
from hatangso_web.accounts.roles import PERMISSIONS_OF, Role
from hatangso_web.areas.forms import suggestions
from hatangso_web.screen.faults import add_faults


@require_http_methods(["GET", "HEAD", "POST"])
def own_account(request: HttpRequest) -> HttpResponse:
    """Show and change what is written about oneself; the roles and the last deeds beside it."""
    user = request.user
    assert isinstance(user, User)
    form = OwnDetailsForm(request.POST or None, instance=User.objects.get(pk=user.pk))
    if request.method == "POST" and form.is_valid():
        try:
            change_own_details(user=user, details=form.details())
        except ValidationError as fault:
            add_faults(form, fault)
        else:
            messages.success(request, _("Đã lưu thông tin của bạn."))
            return redirect("accounts:own_account")
    roles = [
        (held, [permission.label for permission in sorted(PERMISSIONS_OF[Role(held.role)])])
        for held in user.memberships_held
    ]
    context = {
        "title": _("Tài khoản của bạn"),
        "breadcrumbs": [(_("Tài khoản của bạn"), "")],
        "form": form,
        "roles": roles,
        "second_factor": is_mfa_enabled(user),
        "events": audit_about("accounts.user", user.pk)[:10],
    }
    return render(request, "accounts/own_account.html", context)


@require_safe
def area_suggestions(request: HttpRequest) -> HttpResponse:
    """Answer the areas that match what is being typed, among those the person may see."""
    words = request.GET.get(request.GET.get("o", ""), "")
    found = suggestions(areas_visible_to(request.user), words)
    return render(request, "areas/suggestions.html", {"labels": found})
