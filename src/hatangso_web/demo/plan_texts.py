"""Three plans written for the invented province, in the style offices use, with faults planted for the linter."""

from __future__ import annotations

from dataclasses import dataclass, field

from hatangso_web.demo.names import INVENTED
from hatangso_web.demo.province import Commune, Province

PROVINCE_PLAN_NUMBER = "112/KH-UBND"


@dataclass(frozen=True)
class Annex:
    """A table of tasks: ``rows`` include group rows of one cell."""

    title: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class PlanText:
    """The wording of a plan. A body line beginning with ``#`` is a heading (the number of # is its level)."""

    superior: str
    issuer: str
    number: str
    place_and_date: str
    kind: str
    title: str
    bases: tuple[str, ...]
    body: tuple[str, ...]
    recipients: tuple[str, ...]
    signer: tuple[str, ...]
    annexes: tuple[Annex, ...] = field(default_factory=tuple)


def province_plan(province: Province) -> PlanText:
    """The plan of the invented province, 2026-2030, with an annex of twelve tasks."""
    name = province.full_name
    return PlanText(
        superior="",
        issuer=f"ỦY BAN NHÂN DÂN\nTỈNH {province.name.upper()}",
        number=f"Số: {PROVINCE_PLAN_NUMBER}",
        place_and_date=f"{province.name}, ngày 15 tháng 10 năm 2025",
        kind="KẾ HOẠCH",
        title=f"Phát triển hạ tầng số {name} giai đoạn 2026 - 2030",
        bases=(
            "Căn cứ Quyết định số 36/QĐ-TTg ngày 11 tháng 01 năm 2024 của Thủ tướng Chính phủ phê duyệt Quy hoạch hạ tầng thông tin và truyền thông thời kỳ 2021 - 2030, tầm nhìn đến năm 2050;",
            "Căn cứ Quyết định số 1132/QĐ-TTg ngày 09 tháng 10 năm 2024 của Thủ tướng Chính phủ phê duyệt Chiến lược hạ tầng số đến năm 2025 và định hướng đến năm 2030;",
            f"Theo đề nghị của Giám đốc Sở Khoa học và Công nghệ, Ủy ban nhân dân {name} ban hành Kế hoạch phát triển hạ tầng số {name} giai đoạn 2026 - 2030 như sau:",
        ),
        body=_PROVINCE_BODY,
        recipients=(
            "Bộ Khoa học và Công nghệ;",
            "Thường trực Tỉnh ủy; Thường trực HĐND tỉnh;",
            "Các sở, ban, ngành; UBND các xã, phường;",
            "Các doanh nghiệp bưu chính, viễn thông trên địa bàn;",
            "Lưu: VT, KHCN.",
        ),
        signer=("TM. ỦY BAN NHÂN DÂN", "KT. CHỦ TỊCH", "PHÓ CHỦ TỊCH", f"(văn bản {INVENTED})"),
        annexes=(_PROVINCE_ANNEX,),
    )


def year_plan(province: Province) -> PlanText:
    """The plan of the invented province for the year 2026: short, with present values, already confirmed in the demo."""
    name = province.full_name
    return PlanText(
        superior="",
        issuer=f"ỦY BAN NHÂN DÂN\nTỈNH {province.name.upper()}",
        number="Số: 05/KH-UBND",
        place_and_date=f"{province.name}, ngày 05 tháng 01 năm 2026",
        kind="KẾ HOẠCH",
        title=f"Phát triển hạ tầng số {name} năm 2026",
        bases=(
            "Căn cứ Quyết định số 885/QĐ-BTTTT ngày 25 tháng 5 năm 2023 của Bộ trưởng Bộ Thông tin và Truyền thông phê duyệt Bộ chỉ số đánh giá, xếp hạng hạ tầng số;",
            f"Theo đề nghị của Giám đốc Sở Khoa học và Công nghệ, Ủy ban nhân dân {name} ban hành Kế hoạch phát triển hạ tầng số {name} năm 2026 như sau:",
        ),
        body=_YEAR_BODY,
        recipients=("Sở Khoa học và Công nghệ;", "UBND các xã, phường;", "Lưu: VT, KHCN."),
        signer=("TM. ỦY BAN NHÂN DÂN", "KT. CHỦ TỊCH", "PHÓ CHỦ TỊCH", f"(văn bản {INVENTED})"),
        annexes=(_YEAR_ANNEX,),
    )


def commune_plan(province: Province, commune: Commune) -> PlanText:
    """The plan of one invented commune for 2026, made under the province's plan."""
    full_name, people = commune.full_name, f"{commune.people:,}".replace(",", ".")
    households = f"{commune.households:,}".replace(",", ".")
    return PlanText(
        superior="",
        issuer=f"ỦY BAN NHÂN DÂN\n{full_name.upper()}",
        number="Số:        /KH-UBND",  # left for the registry clerk, as many real ones are
        place_and_date=f"{commune.name}, ngày      tháng      năm 2026",
        kind="KẾ HOẠCH",
        title=f"Phát triển hạ tầng số trên địa bàn {full_name} năm 2026",
        bases=(
            f"Thực hiện Kế hoạch số {PROVINCE_PLAN_NUMBER} ngày 15 tháng 10 năm 2025 của UBND {province.full_name} về phát triển hạ tầng số {province.full_name} giai đoạn 2026 - 2030, UBND {full_name} xây dựng kế hoạch như sau:",
        ),
        body=tuple(
            line.format(
                full_name=full_name, people=people, households=households, villages=len(commune.villages)
            )
            for line in _COMMUNE_BODY
        ),
        recipients=(
            f"UBND {province.full_name} (b/c);",
            "Sở Khoa học và Công nghệ (b/c);",
            "Các thôn, tổ dân phố;",
            "Lưu: VT.",
        ),
        signer=("TM. ỦY BAN NHÂN DÂN", "CHỦ TỊCH", "", f"(văn bản {INVENTED})"),
    )


_YEAR_BODY = (
    "# I. MỤC TIÊU NĂM 2026",
    "- Tỷ lệ thôn được phủ sóng 4G đạt 95% (hiện tại là 80%).",
    "- Tỷ lệ thôn có hạ tầng cáp quang (FTTH) đạt 90% (hiện tại là 70%).",
    "- Tỷ lệ hộ gia đình sử dụng Internet cáp quang đạt 62%.",
    "- Tỷ lệ trường học có cáp quang đạt 100%.",
    "- Tỷ lệ nhà văn hóa thôn có wifi miễn phí đạt 50%.",
    "- Không còn thôn trắng sóng.",
    "- Tỷ lệ dân số được phủ sóng 5G đạt 40%.",
    "# II. NHIỆM VỤ",
    "1. Rà soát vùng phủ sóng từng thôn; hoàn thành trước ngày 30/6/2026.",
    "# III. TỔ CHỨC THỰC HIỆN",
    "1. Sở Khoa học và Công nghệ",
    "Chủ trì theo dõi, tổng hợp, báo cáo UBND tỉnh trước ngày 15 tháng 10 hằng năm.",
    "2. UBND các xã, phường",
    "Rà soát số liệu từng thôn, báo cáo Sở Khoa học và Công nghệ trước ngày 05 của tháng cuối quý.",
)

_YEAR_ANNEX = Annex(
    title="PHỤ LỤC\nDANH MỤC NHIỆM VỤ NĂM 2026",
    header=("STT", "Tên nhiệm vụ", "Nội dung thực hiện", "Đơn vị chủ trì", "Đơn vị phối hợp", "Thời gian thực hiện"),
    rows=(
        ("1", "Rà soát vùng phủ sóng từng thôn", "Lập danh sách thôn trắng sóng, lõm sóng", "Sở Khoa học và Công nghệ", "UBND các xã, phường", "Năm 2025"),
        ("2", "Lắp wifi miễn phí tại nhà văn hóa thôn", "Ưu tiên các thôn đặc biệt khó khăn", "UBND các xã, phường", "Các doanh nghiệp viễn thông", "Tháng 9/2026"),
        ("3", "Đưa cáp quang đến trường học", "Các điểm trường chưa có cáp quang", "Các doanh nghiệp viễn thông", "Sở Khoa học và Công nghệ", "Tháng 12/2026"),
    ),
)  # fmt: skip

_PROVINCE_BODY = (
    "# I. MỤC ĐÍCH, YÊU CẦU",
    "## 1. Mục đích",
    "a) Đưa hạ tầng số đi trước một bước để phục vụ chuyển đổi số, phát triển kinh tế và giữ vững quốc phòng, an ninh trên địa bàn tỉnh.",
    "b) Mọi thôn, bon, buôn đều được dùng dịch vụ băng rộng với chất lượng bảo đảm và giá hợp lý.",
    "## 2. Yêu cầu",
    "a) Nhiệm vụ rõ người, rõ việc, rõ thời gian, rõ kết quả; số liệu có nguồn và kiểm tra lại được.",
    "b) Dùng chung hạ tầng hiện có trước khi xây dựng mới.",
    "# II. MỤC TIÊU",
    "## 1. Mục tiêu đến hết năm 2026",
    "a) Hạ tầng viễn thông và Internet",
    "- 100% thôn, bon, buôn, tổ dân phố có điện lưới được phủ sóng băng rộng di động; không còn thôn trắng sóng.",
    "- Tỷ lệ hộ gia đình có khả năng tiếp cận cáp quang đạt 90% (hiện tại là 83,4%).",
    "- Tỷ lệ hộ gia đình sử dụng Internet cáp quang đạt từ 75% trở lên.",
    "- Mạng di động 4G có tốc độ tải xuống trung bình tối thiểu 40 Mb/s; tối thiểu 80% truy nhập đạt tốc độ yêu cầu.",
    "- 100% khu công nghiệp, cụm công nghiệp đang hoạt động có ít nhất 01 trạm 5G.",
    "b) Hạ tầng kỹ thuật viễn thông thụ động",
    "- Tỷ lệ dùng chung vị trí trạm BTS giữa các doanh nghiệp đạt trên 20%.",
    "- Tỷ lệ dùng chung cột treo cáp đạt 90%; tỷ lệ dùng chung cống bể cáp đạt 40%.",
    "c) Hạ tầng phục vụ chính quyền số",
    "- Tiếp tục duy trì 100% cơ quan Đảng, Nhà nước từ tỉnh đến xã kết nối mạng truyền số liệu chuyên dùng.",
    "- 100% hệ thống thông tin được phê duyệt cấp độ an toàn trước khi đưa vào vận hành.",
    "## 2. Mục tiêu đến năm 2030",
    "a) Hạ tầng viễn thông và Internet",
    "- Mỗi hộ gia đình có khả năng tiếp cận một đường Internet cáp quang.",
    "- 100% người sử dụng Internet cáp quang có khả năng truy nhập với tốc độ từ 1 Gb/s trở lên.",
    "- Mạng di động 5G phủ sóng 95% dân số; tốc độ tải xuống trung bình tối thiểu 100 Mbit/s, tối thiểu 95% truy nhập đạt yêu cầu.",
    "- Trên 80% các tuyến quốc lộ, đường tỉnh và khu du lịch được phủ sóng 5G.",
    "- Số kết nối Internet vạn vật đạt 4 kết nối/người.",
    "b) Hạ tầng bưu chính",
    "- 100% xã, phường có điểm phục vụ bưu chính có người phục vụ; bán kính phục vụ tối đa 03 km/điểm phục vụ.",
    "c) Hạ tầng tiện ích số",
    "- Tỷ lệ dân số trưởng thành có điện thoại thông minh đạt 95%; trên 70% dân số trưởng thành có chữ ký số hoặc chữ ký điện tử.",
    "- 100% cơ quan nhà nước chuyển đổi sang IPv6.",
    "- Sẵn sàng thử nghiệm mạng di động 6G khi có nhu cầu.",
    "# III. NHIỆM VỤ, GIẢI PHÁP",
    "1. Rà soát, đo kiểm vùng phủ sóng từng thôn; công bố danh sách thôn trắng sóng, lõm sóng mỗi quý một lần.",
    "2. Phối hợp cấp điện cho các thôn chưa có điện để đặt trạm thu phát sóng.",
    "3. Ưu tiên dùng chung cột, trụ điện, cống bể; công bố kế hoạch đào đường hằng năm để các doanh nghiệp cùng lắp đặt.",
    "4. Xây dựng hệ thống đo lường, giám sát và quản lý hạ tầng số của tỉnh; khảo sát, thu thập số liệu và công bố kết quả.",
    "(Nhiệm vụ cụ thể tại Phụ lục kèm theo)",
    "# IV. KINH PHÍ THỰC HIỆN",
    "Kinh phí gồm ngân sách nhà nước, Quỹ Dịch vụ viễn thông công ích Việt Nam, vốn của doanh nghiệp và các nguồn hợp pháp khác.",
    "# V. TỔ CHỨC THỰC HIỆN",
    "## 1. Sở Khoa học và Công nghệ",
    "a) Chủ trì theo dõi, đôn đốc, tổng hợp kết quả thực hiện Kế hoạch, báo cáo UBND tỉnh trước ngày 15 tháng 12 hằng năm.",
    "b) Chủ trì đo kiểm chất lượng dịch vụ bằng công cụ i-Speed; lập danh sách các điểm dưới ngưỡng và làm việc với doanh nghiệp viễn thông.",
    "## 2. Sở Tài chính",
    "Tham mưu bố trí kinh phí từ ngân sách theo phân cấp.",
    "## 3. Sở Xây dựng",
    "a) Hướng dẫn thiết kế hạ tầng ngầm dùng chung trong các khu đô thị mới.",
    "b) Cung cấp kế hoạch đào đường hằng năm cho các doanh nghiệp viễn thông.",
    "## 4. Công ty Điện lực tỉnh",
    "Phối hợp cho thuê cột điện và cấp điện cho trạm thu phát sóng.",
    "## 5. UBND các xã, phường",
    "a) Ban hành kế hoạch của địa phương; rà soát số liệu từng thôn, báo cáo Sở Khoa học và Công nghệ trước ngày 05 của tháng cuối quý.",
    "b) Phối hợp xử lý các tuyến cáp treo mất an toàn.",
    "## 6. Các doanh nghiệp viễn thông, bưu chính",
    "Đầu tư theo kế hoạch; cung cấp số liệu về trạm, cột, cống bể, tuyến cáp và thuê bao khi được yêu cầu.",
    "Trong quá trình thực hiện, nếu có khó khăn, vướng mắc, các cơ quan, địa phương phản ánh về Sở Khoa học và Công nghệ để tổng hợp, báo cáo UBND tỉnh xem xét, quyết định./.",
)

_PROVINCE_ANNEX = Annex(
    title="PHỤ LỤC\nDANH MỤC NHIỆM VỤ PHÁT TRIỂN HẠ TẦNG SỐ GIAI ĐOẠN 2026 - 2030",
    header=("STT", "Tên nhiệm vụ", "Nội dung thực hiện", "Đơn vị chủ trì", "Đơn vị phối hợp", "Thời gian thực hiện"),
    rows=(
        ("I", "Hạ tầng viễn thông và Internet"),
        ("1", "Phủ sóng các thôn trắng sóng, lõm sóng", "- Rà soát từng thôn\n- Xây dựng trạm thu phát sóng theo thứ tự ưu tiên", "Sở Khoa học và Công nghệ", "Các doanh nghiệp viễn thông; UBND các xã, phường; Công ty Điện lực tỉnh", "2026 - 2027"),
        ("2", "Phát triển mạng 5G", "- Khu công nghiệp, bệnh viện, trường học\n- Các tuyến đường trọng điểm", "Các doanh nghiệp viễn thông", "Sở Khoa học và Công nghệ; Sở Xây dựng", "2026 - 2030"),
        ("3", "Đưa cáp quang đến các thôn chưa có", "Kéo cáp theo đường giao thông, dùng chung cột điện", "Các doanh nghiệp viễn thông", "Công ty Điện lực tỉnh; UBND các xã, phường", "2026 - 2028"),
        ("4", "Đo kiểm tốc độ truy nhập Internet", "Mỗi năm một đợt tại tất cả các xã, phường; công bố kết quả", "Sở Khoa học và Công nghệ", "Các doanh nghiệp viễn thông", "Hằng năm"),
        ("II", "Hạ tầng kỹ thuật dùng chung"),
        ("5", "Chỉnh trang, hạ ngầm cáp viễn thông", "Danh mục tuyến đường hằng năm", "Sở Xây dựng", "UBND các phường; các doanh nghiệp viễn thông", "Hằng năm"),
        ("6", "Số hóa dữ liệu trạm, cột, cống bể, tuyến cáp", "Cập nhật mỗi quý", "Sở Khoa học và Công nghệ", "Các doanh nghiệp viễn thông", "2026"),
        ("III", "Hạ tầng bưu chính"),
        ("7", "Bổ sung điểm phục vụ bưu chính", "- Khu vực nông thôn: bán kính phục vụ 03 km/điểm\n- Khu vực phường: bán kính phục vụ 01 km/điểm, 2.000 người/điểm", "Bưu điện tỉnh", "UBND các xã, phường", "2026 - 2028"),
        ("IV", "Hạ tầng phục vụ chính quyền số, an toàn thông tin"),
        ("8", "Chuyển đổi IPv6 cho hệ thống của cơ quan nhà nước", "Mạng, cổng thông tin, dịch vụ công", "Sở Khoa học và Công nghệ", "Các sở, ban, ngành", "2026 - 2027"),
        ("9", "Phê duyệt cấp độ an toàn hệ thống thông tin", "Rà soát, lập hồ sơ đề xuất cấp độ", "Các sở, ban, ngành; UBND các xã, phường", "Công an tỉnh; Sở Khoa học và Công nghệ", "2026"),
        ("10", "Duy trì mạng điện báo hệ đặc biệt của Đảng và Nhà nước", "Thực hiện theo quy định riêng", "Bưu điện tỉnh", "Văn phòng Tỉnh ủy", "Hằng năm"),
        ("V", "Tiện ích số"),
        ("11", "Hỗ trợ điện thoại thông minh cho hộ nghèo, hộ cận nghèo", "Theo chương trình viễn thông công ích", "Sở Khoa học và Công nghệ", "Quỹ Dịch vụ viễn thông công ích Việt Nam; UBND các xã, phường", "Theo lộ trình của Bộ Khoa học và Công nghệ"),
        ("12", "Xây dựng hệ thống đo lường, giám sát hạ tầng số", "Phần mềm, dữ liệu, đào tạo", "", "Các sở, ban, ngành; UBND các xã, phường", "2026"),
    ),
)  # fmt: skip

_COMMUNE_BODY = (
    "# I. MỤC TIÊU",
    "## 1. Mục tiêu chung",
    "Phát triển hạ tầng số trên địa bàn {full_name} ({villages} thôn, tổ dân phố; {households} hộ; {people} người) đồng bộ, an toàn, phục vụ người dân và doanh nghiệp.",
    "## 2. Chỉ tiêu cụ thể năm 2026",
    "- 100% thôn, bon, buôn, tổ dân phố được phủ băng rộng di động.",
    "- 100% thôn, bon, buôn, tổ dân phố có hạ tầng cáp quang (FTTH).",
    "- Tỷ lệ hộ gia đình có truy nhập Internet cáp quang đạt 70%.",
    "- Số thuê bao băng rộng di động/100 dân đạt 80%.",
    "- Tỷ lệ dân số trưởng thành có điện thoại thông minh đạt 85%.",
    "- Tỷ lệ người sử dụng Internet đạt trên 80%.",
    "- 100% nhà văn hóa thôn có wifi miễn phí.",
    "- Không còn điểm cáp treo mất an toàn.",
    "# II. NHIỆM VỤ",
    "1. Rà soát vùng phủ sóng của từng thôn, lập danh sách hộ chưa có sóng, chưa có cáp quang.",
    "2. Tạo điều kiện về mặt bằng để doanh nghiệp lắp đặt trạm thu phát sóng.",
    "3. Kiểm tra, chỉnh trang các tuyến cáp treo mất an toàn.",
    "# III. TỔ CHỨC THỰC HIỆN",
    "1. Phòng Văn hóa - Xã hội",
    "a) Chủ trì tham mưu thực hiện Kế hoạch; tổng hợp, báo cáo UBND {full_name} trước ngày 01 của tháng cuối quý.",
    "b) Phối hợp với doanh nghiệp viễn thông đo kiểm vùng phủ sóng.",
    "2. Phòng Kinh tế",
    "Phối hợp kiểm tra việc xây dựng công trình viễn thông trên địa bàn.",
    "4. Các thôn, tổ dân phố",
    "Rà soát, cung cấp số liệu hộ dân; phản ánh nơi không có sóng.",
    "5. Các doanh nghiệp viễn thông",
    "Đầu tư hạ tầng trên địa bàn; báo cáo kết quả khi có yêu cầu.",
    "Giao Phòng Văn hóa - Xã hội tổng hợp kết quả, báo cáo UBND {full_name} và Sở Khoa học và Công nghệ trước ngày 30/11/2026./.",
)
