"""The addresses of rounds, submissions and figures."""

from django.urls import URLPattern, path

from hatangso_web.indicators.challenge_urls import CHALLENGES
from hatangso_web.indicators.import_urls import IMPORTS
from hatangso_web.indicators.queries.judging import TargetsOf
from hatangso_web.indicators.scoring_urls import SCORES
from hatangso_web.indicators.views import (
    comparing,
    crosswalk,
    figures,
    rounds,
    submissions,
    villages,
    workbooks,
)

app_name = "indicators"
_ROUNDS: list[URLPattern] = [
    path("so-lieu/", rounds.rounds, name="rounds"),
    path("so-lieu/mo-dot/", rounds.new_round, name="new_round"),
    path("so-lieu/dot/<int:pk>/", rounds.round_page, name="round"),
    path("so-lieu/dot/<int:pk>/ky-sau/", rounds.copy_round, name="copy_round"),
    path("so-lieu/dot/<int:pk>/dot.xlsx", workbooks.round_workbook, name="round_workbook"),
    path("so-lieu/dot/<int:pk>/nap/", workbooks.return_workbook, name="return_workbook"),
    path("so-lieu/bao-cao/<int:pk>/so.xlsx", workbooks.unit_workbook, name="unit_workbook"),
    path("so-lieu/bao-cao/<int:pk>/", submissions.submission, name="submission"),
    path("so-lieu/bao-cao/<int:pk>/tu-thon/", villages.fill, name="fill_from_villages"),
    path("so-lieu/thon/", villages.village_list, name="villages"),
    path("so-lieu/thon/<str:code>/<str:period>/", villages.village, name="village"),
    path("so-lieu/bao-cao/<int:pk>/buoc/", submissions.step, name="step"),
]


def addresses(targets_of: TargetsOf) -> tuple[list[URLPattern], str]:
    """Return the addresses of the app; ``targets_of`` asks the plans, which stand above, for their targets."""
    asked = {"targets_of": targets_of}
    shown = [
        path("chi-tieu/", figures.overview, asked, name="figures"),
        path("chi-tieu/<str:code>/", figures.indicator, asked, name="indicator"),
        path("so-sanh/dia-ban/", comparing.compare_areas, name="compare_areas"),
        path("so-sanh/ky/", comparing.compare_periods, name="compare_periods"),
        path("doi-chieu/", crosswalk.crosswalk, name="crosswalk"),
        path("chi-tieu/<str:code>/goc/", figures.parts, name="parts"),
        path("so-lieu/gia-tri/<int:pk>/", figures.value, name="value"),
    ]
    return [*_ROUNDS, *IMPORTS, *SCORES, *CHALLENGES, *shown], app_name
