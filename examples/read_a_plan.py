"""Read a plan: its targets with their sentences, and what the linter noticed."""

from pathlib import Path

from hatangso.plans.reading import read_plan


def main() -> list[str]:
    plan = read_plan(Path(__file__).with_name("ke-hoach-tinh.docx"))
    lines = [
        f"{target.year} {target.indicator} {target.comparator} {target.value} {target.unit}: {target.text}"
        for target in plan.targets
    ]
    return lines + [f"Cảnh báo {warning.code}: {warning.text}" for warning in plan.warnings]


if __name__ == "__main__":
    print("\n".join(main()))
