"""What the views of figures share: who asks, files handed out."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404

from hatangso_web.accounts.models import User
from hatangso_web.indicators.models import Round, Submission
from hatangso_web.indicators.queries.visible import rounds_visible_to, submissions_visible_to

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def person_of(request: HttpRequest) -> User:
    """Return the person who asks; the site lets nobody else in."""
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user


def round_of(user: User, pk: int) -> Round:
    """Return a round the person may see, or 404."""
    return get_object_or_404(rounds_visible_to(user).select_related("area"), pk=pk)


def submission_of(user: User, pk: int) -> Submission:
    """Return a submission the person may see, or 404."""
    return get_object_or_404(submissions_visible_to(user), pk=pk)


def workbook_answer(content: bytes, name: str) -> HttpResponse:
    """Hand out a workbook."""
    response = HttpResponse(content, content_type=_XLSX)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
