"""Households of three old communes of Hương Trà carried to the ward that took them in whole."""

import datetime

from hatangso.areas.carrying import Carrier
from hatangso.areas.register import national_register

BEFORE, AFTER = datetime.date(2025, 6, 30), datetime.date(2025, 7, 1)


def main() -> list[str]:
    register = national_register()
    named = {"Tứ Hạ": 2100.0, "Hương Văn": 2400.0, "Hương Vân": 1900.0}
    households = {
        area.code: named[area.name]
        for area in register.in_force(BEFORE, level="commune")
        if area.name in named
    }
    carrier = Carrier(register, since=BEFORE, to=AFTER)
    carried = carrier.carry_array(list(households), list(households.values()))
    return [
        f"{code}: {value[0]:.0f} hộ, giả định {assumed[0]:.0f}"
        for code, value, assumed in zip(carried.codes, carried.values, carried.assumed, strict=True)
    ]


if __name__ == "__main__":
    print("\n".join(main()))
