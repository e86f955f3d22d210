"""Offices and tasks told in words."""

from __future__ import annotations

from hatangso.plans.spoken_tasks import said_of_offices, spoken_task


def test_a_cell_that_names_lead_and_partners() -> None:
    assert said_of_offices("Sở KH&CN chủ trì; UBND các xã phối hợp") == {
        "lead": "Sở KH&CN",
        "partners": "UBND các xã",
        "when": "",
    }
    assert said_of_offices("Sở KH&CN") is None


def test_a_sentence_that_gives_a_task() -> None:
    task = spoken_task(
        "Giao Sở Xây dựng chủ trì, phối hợp với Sở Tài chính rà soát quỹ đất; hoàn thành trong quý II/2026."
    )

    assert task is not None
    assert (task.name, task.lead, task.partners) == ("Rà soát quỹ đất", "Sở Xây dựng", "Sở Tài chính")
    assert task.when == "hoàn thành trong quý II/2026"


def test_a_sentence_about_work_alone_gives_none() -> None:
    assert spoken_task("Rà soát quỹ đất để lắp đặt trạm BTS trên địa bàn.") is None
