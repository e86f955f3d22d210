"""Error pages: what happened, in a sentence, and where to go from here."""

from __future__ import annotations

import errno
import sys

from django.contrib.auth.decorators import login_not_required
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.csrf import requires_csrf_token


@requires_csrf_token
def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer what cannot be understood."""
    return _page(
        request,
        400,
        _("Không hiểu được yêu cầu"),
        _("Địa chỉ hoặc nội dung gửi lên không hợp lệ. Hãy quay lại và thử lại từ đầu."),
    )


@requires_csrf_token
def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer who may not, with the sentence of the refusal."""
    sentence = str(exception) or _("Tài khoản của bạn chưa được giao quyền xem nội dung này.")
    return _page(request, 403, _("Bạn không có quyền với nội dung này"), sentence)


@requires_csrf_token
def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer what is not there, or not for this person."""
    return _page(
        request,
        404,
        _("Không tìm thấy trang"),
        _("Trang không tồn tại, đã được chuyển đi, hoặc bạn không được xem. Hãy kiểm tra lại địa chỉ."),
    )


@requires_csrf_token
def our_fault(request: HttpRequest) -> HttpResponse:
    """Answer when the program failed; the frame is left out, it may be what failed."""
    if is_disk_full(sys.exception()):
        return _no_room(request)
    return _bare_page(
        request,
        500,
        _("Hệ thống gặp lỗi"),
        _(
            "Lỗi của chương trình, không phải của bạn. Việc đang làm dở có thể chưa được lưu; hãy thử lại sau ít phút."
        ),
    )


@login_not_required
def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer a form that came without its safety mark."""
    return _page(
        request,
        403,
        _("Biểu mẫu đã hết hạn"),
        _("Biểu mẫu đã mở quá lâu hoặc trình duyệt chặn cookie. Hãy tải lại trang rồi gửi lại."),
    )


class UnavailableDatabaseMiddleware:
    """Answers 503, not 500, when the database cannot be reached."""

    def __init__(self, get_response) -> None:  # type: ignore[no-untyped-def]
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on."""
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Turn a database that cannot be reached into a page that says so."""
        if not isinstance(exception, OperationalError):
            return None
        if is_disk_full(exception):
            return _no_room(request)
        response = _bare_page(
            request,
            503,
            _("Hệ thống tạm thời không phục vụ được"),
            _("Cơ sở dữ liệu đang bận hoặc đang được bảo trì. Hãy thử lại sau ít phút."),
        )
        response.headers["Retry-After"] = "60"
        return response


def is_disk_full(fault: BaseException | None) -> bool:
    """Tell whether a fault, of a file or of SQLite, means that the server has no room left."""
    if isinstance(fault, OSError):
        return fault.errno in {errno.ENOSPC, errno.EDQUOT}
    return isinstance(fault, OperationalError) and "disk is full" in str(fault)


def _no_room(request: HttpRequest) -> HttpResponse:
    return _bare_page(
        request,
        507,
        _("Máy chủ hết chỗ lưu"),
        _("Thao tác vừa rồi chưa được lưu. Hãy báo quản trị hệ thống; dữ liệu đã lưu trước đó vẫn còn."),
    )


def _page(request: HttpRequest, number: int, title: str, sentence: str) -> HttpResponse:
    return render(
        request, "error.html", {"title": title, "sentence": sentence, "number": number}, status=number
    )


def _bare_page(request: HttpRequest, number: int, title: str, sentence: str) -> HttpResponse:
    return render(
        request, "error_bare.html", {"title": title, "sentence": sentence, "number": number}, status=number
    )
