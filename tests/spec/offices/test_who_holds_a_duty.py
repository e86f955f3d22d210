"""Ai giữ nhiệm vụ của một cơ quan (Who holds the duties of an office)

Tên cơ quan trong kế hoạch cũ là tên của ngày viết kế hoạch. Nhiệm vụ được theo qua từng lần chuyển giao tới ngày
hỏi; khi không ai nhận toàn bộ thì nói rõ, kèm nơi gần nhất và dấu chưa kiểm chứng.
"""

from __future__ import annotations

from datetime import date, datetime

from hatangso import offices


def day(text: str) -> date:
    return datetime.strptime(text, "%d/%m/%Y").date()


def test_duties_are_followed_to_the_day_asked(table):
    """Cơ quan viết trong kế hoạch và cơ quan giữ nhiệm vụ vào ngày hỏi.

    Sai hay gặp: gửi cho cơ quan có tên trong kế hoạch dù đã kết thúc, hoặc suy ra cơ quan cùng tên ở cấp khác.

    | viết trong kế hoạch | ngày kế hoạch | ngày hỏi | cơ quan giữ | nơi gần nhất | sai hay gặp |
    |---|---|---|---|---|---|
    | Sở TT&TT | 21/08/2024 | 21/08/2024 | Sở Thông tin và Truyền thông | - | Sở Khoa học và Công nghệ |
    | Sở TT&TT | 21/08/2024 | 01/03/2025 | Sở Khoa học và Công nghệ | - | Sở Thông tin và Truyền thông |
    | Bộ TT&TT | 21/08/2024 | 01/07/2026 | Bộ Khoa học và Công nghệ | - | Bộ Thông tin và Truyền thông |
    | Phòng VHTT | 06/05/2024 | 01/07/2026 | - | Phòng Văn hóa - Xã hội | Phòng Văn hóa và Thông tin |
    | Phòng Kinh tế | 06/05/2024 | 01/07/2026 | - | Phòng Kinh tế | Phòng Kinh tế thị xã |
    | UBND các huyện, TP | 21/08/2024 | 01/07/2025 | - | Ủy ban nhân dân xã | Ủy ban nhân dân huyện |
    | Công an huyện | 21/08/2024 | 01/03/2025 | - | Công an tỉnh | Công an huyện |
    | Sở GTVT | 21/08/2024 | 01/07/2026 | Sở Xây dựng | - | Sở Giao thông vận tải |
    | Sở KH&ĐT | 21/08/2024 | 01/07/2026 | Sở Tài chính | - | Sở Kế hoạch và Đầu tư |
    """
    for row in table:
        named = offices.find(row["viết trong kế hoạch"], on=day(row["ngày kế hoạch"]))[0].office
        holding = offices.holder(named, on=day(row["ngày hỏi"]))
        holder = holding.holder.name if holding.holder else "-"
        nearest = holding.nearest.name if holding.nearest else "-"
        assert (holder, nearest) == (row["cơ quan giữ"], row["nơi gần nhất"])
        assert row["sai hay gặp"] not in (holder, nearest)
