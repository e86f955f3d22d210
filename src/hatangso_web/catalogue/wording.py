"""The words of the catalogue's keys, as an office says them."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

BETTER: dict[str, str | Promise] = {"higher": _("càng cao càng tốt"), "lower": _("càng thấp càng tốt")}
COMBINE: dict[str, str | Promise] = {
    "sum_parts": _("Cộng tử số và cộng mẫu số của các địa bàn rồi mới chia; không lấy trung bình các tỷ lệ."),
    "sum": _("Cộng số của các địa bàn."),
    "mergeable_summary": _("Gộp các mẫu đo của các địa bàn rồi tính lại; không lấy trung bình các kết quả."),
    "none": _("Không gộp được các địa bàn."),
}
LEVELS: dict[str, str | Promise] = {"province": _("tỉnh"), "commune": _("xã"), "village": _("thôn")}
FREQUENCY: dict[str, str | Promise] = {
    "month": _("hằng tháng"), "quarter": _("hằng quý"), "half_year": _("sáu tháng"), "year": _("hằng năm"),
}  # fmt: skip
SOURCES: dict[str, str | Promise] = {
    "commune": _("xã"), "operator": _("doanh nghiệp viễn thông"), "department": _("sở, ngành"),
    "agency": _("cơ quan nhà nước"), "statistics_office": _("cơ quan thống kê"), "police": _("công an"),
    "telecom_authority": _("Cục Viễn thông"), "vnnic": _("VNNIC"), "i_speed": _("i-Speed"),
    "outside_test": _("đo kiểm độc lập"), "postal_firm": _("doanh nghiệp bưu chính"),
    "certificate_provider": _("tổ chức chứng thực chữ ký số"),
    "security_centre": _("đơn vị an toàn thông tin"), "data_centre_operator": _("đơn vị vận hành trung tâm dữ liệu"),
}  # fmt: skip
VARIABLE_KINDS: dict[str, str | Promise] = {
    "count": _("đếm"), "yes_no": _("có/không"), "class": _("xếp loại"), "measure": _("đo"),
}  # fmt: skip
RELATIONS: dict[str, str | Promise] = {
    "same": _("cùng một số liệu"),
    "near": _("gần nghĩa, khác cách đo: không chép số sang"),
}
SCOPES: dict[str, str | Promise] = {"national": _("chỉ cả nước"), "each_area": _("từng địa phương")}
COMPARATORS = {">=": "≥", "<=": "≤", ">": ">", "<": "<", "=": "="}
GROUPS: dict[str, str | Promise] = {
    "MOB": _("Phủ sóng di động"), "FIX": _("Băng rộng cố định"), "SPD": _("Tốc độ, chất lượng"),
    "GAP": _("Vùng lõm, vùng trắng"), "PAS": _("Hạ tầng thụ động"), "USE": _("Sử dụng dịch vụ"),
    "GOV": _("Cơ quan nhà nước"), "SEC": _("An toàn thông tin"), "POS": _("Bưu chính"),
    "PLN": _("Thực hiện kế hoạch"),
}  # fmt: skip
STATUSES: dict[str, str | Promise] = {
    "in_force": _("đang có hiệu lực"), "replaced": _("đã thay thế"), "ended": _("hết hiệu lực"),
    "draft": _("dự thảo"),
}  # fmt: skip
