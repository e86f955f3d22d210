"""Files of areas: hand in, see what they would do, have them written."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from hatangso.errors import InputError
from hatangso_web.accounts.models import User
from hatangso_web.accounts.permissions import can, require
from hatangso_web.accounts.roles import Permission
from hatangso_web.gazetteer.actions import hand_in, write_file
from hatangso_web.gazetteer.forms import FileForm
from hatangso_web.gazetteer.models import AreaFile
from hatangso_web.gazetteer.views.browse import person_of
from hatangso_web.screen.tables import make_listing

REFRESH_SECONDS = 3
_COLUMNS = {"luc": ["uploaded_at"], "tep": ["filename"], "tinh-trang": ["state", "uploaded_at"]}


@require_http_methods(["GET", "HEAD", "POST"])
def files(request: HttpRequest) -> HttpResponse:
    """Take in a file and list those that came before."""
    user = person_of(request)
    require(user, Permission.IMPORT_AREAS)
    form = FileForm(request.POST or None, request.FILES or None, initial={"on": timezone.localdate()})
    if request.method == "POST" and form.is_valid():
        try:
            row, known = hand_in(form.handed_in(), by=user)
        except InputError as fault:
            form.add_error("file", str(fault))
        else:
            if known:
                messages.info(request, _("Tệp này đã được nạp trước đây; hệ thống mở lại kết quả đã có."))
            return redirect("gazetteer:file", pk=row.pk)
    context = {
        "title": _("Nạp tệp địa bàn"),
        "breadcrumbs": [(_("Địa bàn"), reverse("gazetteer:areas")), (_("Nạp tệp địa bàn"), "")],
        "form": form,
        "listing": make_listing(request, _visible(user), columns=_COLUMNS, default="-luc"),
    }
    return render(request, "gazetteer/files.html", context)


@require_safe
def file(request: HttpRequest, pk: int) -> HttpResponse:
    """Show what a file would do or has done; a page that waits loads itself again."""
    user = person_of(request)
    require(user, Permission.IMPORT_AREAS)
    row = get_object_or_404(_visible(user), pk=pk)
    context = {
        "title": row.filename,
        "breadcrumbs": [
            (_("Địa bàn"), reverse("gazetteer:areas")),
            (_("Nạp tệp địa bàn"), reverse("gazetteer:files")),
            (row.filename, ""),
        ],
        "row": row,
        "refresh_seconds": REFRESH_SECONDS if row.busy else 0,
        "level_word": row.level,
        "nothing_to_do": row.state == "checked" and not (row.counts.get("new") or row.counts.get("changed")),
        "may_write": row.uploaded_by_id == user.pk or can(user, Permission.MANAGE_AREAS),
    }
    return render(request, "gazetteer/file.html", context)


@require_POST
def write(request: HttpRequest, pk: int) -> HttpResponse:
    """Have a checked file written."""
    user = person_of(request)
    require(user, Permission.IMPORT_AREAS)
    row = get_object_or_404(_visible(user), pk=pk)
    write_file(row, by=user)
    return redirect("gazetteer:file", pk=row.pk)


def _visible(user: User):  # type: ignore[no-untyped-def]
    """Return the files a person may see: their own, and all for those who keep the areas."""
    rows = AreaFile.objects.select_related("uploaded_by", "stored_by")
    return rows if can(user, Permission.MANAGE_AREAS) else rows.filter(uploaded_by=user)
