"""Handing in plan files, and watching them being read."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from hatangso.errors import InputError
from hatangso_web.accounts.models import User
from hatangso_web.accounts.permissions import can, require
from hatangso_web.accounts.roles import Permission
from hatangso_web.plans.actions.upload import Taken, Upload, read_again, take_in
from hatangso_web.plans.forms import NewVersionForm, UploadForm
from hatangso_web.plans.models import ReadingState, Version
from hatangso_web.plans.queries.visible import hidden_spans, plans_visible_to, versions_visible_to

REFRESH_SECONDS = 2


def person_of(request: HttpRequest) -> User:
    """Return the person who asks; the site lets nobody else in."""
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user


@require_http_methods(["GET", "HEAD", "POST"])
def upload(request: HttpRequest) -> HttpResponse:
    """Take in the file of a new plan."""
    user = person_of(request)
    require(user, Permission.READ_PLANS)
    form = UploadForm(request.POST or None, request.FILES or None, user=user)
    if request.method == "POST" and form.is_valid():
        try:
            taken = take_in(Upload(form.cleaned_data["file"], form.cleaned_data["area"]), by=user)
        except InputError as fault:
            form.add_error("file", str(fault))
        else:
            return _after_upload(request, taken)
    crumbs = [(_("Kế hoạch"), reverse("plans:list")), (_("Nạp kế hoạch"), "")]
    return render(
        request, "plans/upload.html", {"title": _("Nạp kế hoạch"), "form": form, "breadcrumbs": crumbs}
    )


@require_http_methods(["GET", "HEAD", "POST"])
def new_version(request: HttpRequest, pk: int) -> HttpResponse:
    """Take in an amended version of a plan."""
    user = person_of(request)
    plan = get_object_or_404(plans_visible_to(user).select_related("area"), pk=pk)
    require(user, Permission.READ_PLANS, area=plan.area)
    form = NewVersionForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            handed = Upload(form.cleaned_data["file"], plan.area, plan=plan, note=form.cleaned_data["note"])
            taken = take_in(handed, by=user)
        except InputError as fault:
            form.add_error("file", str(fault))
        else:
            return _after_upload(request, taken)
    crumbs = [
        (_("Kế hoạch"), reverse("plans:list")),
        (plan.title, reverse("plans:plan", args=[plan.pk])),
        (_("Nạp bản sửa đổi"), ""),
    ]
    context = {"title": _("Nạp bản sửa đổi, bổ sung"), "form": form, "plan": plan, "breadcrumbs": crumbs}
    return render(request, "plans/upload.html", context)


def _after_upload(request: HttpRequest, taken: Taken) -> HttpResponse:
    if taken.known:
        messages.info(
            request,
            _("Tệp này đã được nạp trước đây (%(plan)s); hệ thống mở lại bản đã có, không lưu thêm.")
            % {"plan": taken.version.plan},
        )
    return redirect("plans:version", pk=taken.version.pk)


@require_safe
def version(request: HttpRequest, pk: int) -> HttpResponse:
    """Show where the reading of a version stands; a page that is still waiting loads itself again."""
    user = person_of(request)
    found = get_object_or_404(versions_visible_to(user), pk=pk)
    if found.state == ReadingState.READ:
        return redirect("plans:review", pk=found.pk)
    busy = found.state in {ReadingState.WAITING, ReadingState.READING}
    context = {
        "title": found.filename,
        "version": found,
        "busy": busy,
        "refresh_seconds": REFRESH_SECONDS if busy else 0,
        "may_read": can(user, Permission.READ_PLANS, found.plan.area),
        "breadcrumbs": [
            (_("Kế hoạch"), reverse("plans:list")),
            (found.plan.title, reverse("plans:plan", args=[found.plan_id])),
            (_("Bản %(number)s") % {"number": found.number}, ""),
        ],
    }
    return render(request, "plans/version.html", context)


@require_POST
def try_again(request: HttpRequest, pk: int) -> HttpResponse:
    """Have a failed version read once more."""
    user = person_of(request)
    found = get_object_or_404(versions_visible_to(user), pk=pk)
    read_again(version=found, by=user)
    return redirect("plans:version", pk=found.pk)


@require_safe
def original(request: HttpRequest, pk: int) -> HttpResponse:
    """Hand out the file as it came in, to those who may read all of it.

    A file that has not been read yet may hold anything, so then too it takes the right to read what is
    restricted.
    """
    user = person_of(request)
    found: Version = get_object_or_404(versions_visible_to(user), pk=pk)
    require(user, Permission.EXPORT, area=found.plan.area)
    if found.state != ReadingState.READ or hidden_spans(user, found):
        require(user, Permission.VIEW_RESTRICTED, area=found.plan.area)
    return FileResponse(found.file.open("rb"), as_attachment=True, filename=found.filename)
