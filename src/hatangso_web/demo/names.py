"""Invented Vietnamese names of places and people, drawn from syllables by a seeded generator."""

from __future__ import annotations

import numpy as np

PROVINCE_NAME = "An Lĩnh"
INVENTED = "hư cấu"

_FIRST = (
    "An", "Bàu", "Bình", "Cẩm", "Châu", "Đá", "Đại", "Đồng", "Đức", "Gia", "Hàm", "Hòa", "Hưng", "Kim", "Lạc",
    "Lộc", "Long", "Mỹ", "Nam", "Ngọc", "Phú", "Phước", "Quảng", "Sông", "Suối", "Tân", "Thanh", "Thuận", "Vĩnh", "Xuân",
)  # fmt: skip
_SECOND = (
    "An", "Bàng", "Biên", "Cát", "Đàn", "Đạo", "Điền", "Giang", "Hạ", "Hào", "Khê", "Lam", "Lâm", "Lĩnh", "Mai",
    "Mây", "Ngàn", "Nguyên", "Quế", "Sim", "Tảo", "Thạch", "Thượng", "Trà", "Tranh", "Vàng", "Vân", "Viên", "Xá", "Yên",
)  # fmt: skip
_FAMILY = (
    "Nguyễn",
    "Trần",
    "Lê",
    "Phạm",
    "Hoàng",
    "Phan",
    "Vũ",
    "Đặng",
    "Bùi",
    "Đỗ",
    "Y",
    "H'",
    "Nông",
    "K'",
)
_MIDDLE = ("Văn", "Thị", "Minh", "Ngọc", "Thanh", "Hữu", "Thu", "Đức")
_GIVEN = (
    "Bình",
    "Châu",
    "Dung",
    "Đạt",
    "Giang",
    "Hà",
    "Hạnh",
    "Khoa",
    "Lan",
    "Mai",
    "Nam",
    "Oanh",
    "Phúc",
    "Sơn",
    "Tâm",
    "Vy",
)


def place_names(count: int, *, generator: np.random.Generator) -> list[str]:
    """Return ``count`` different two-syllable place names (numbered from the 901st on)."""
    pairs = [
        f"{first} {second}"
        for first in _FIRST
        for second in _SECOND
        if first != second and f"{first} {second}" != PROVINCE_NAME
    ]
    order = generator.permutation(len(pairs))
    names = [pairs[index] for index in order[:count]]
    while len(names) < count:
        names.append(f"{pairs[order[len(names) % len(pairs)]]} {len(names) // len(pairs) + 1}")
    return names


def person_name(*, generator: np.random.Generator) -> str:
    """Return an invented person's name."""
    return " ".join(str(generator.choice(part)) for part in (_FAMILY, _MIDDLE, _GIVEN))
