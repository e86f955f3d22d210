"""The addresses of rounds, submissions and figures."""

from django.urls import path

from hatangso_web.indicators.views import rounds, submissions, workbooks

app_name = "indicators"
urlpatterns = [
    path("so-lieu/", rounds.rounds, name="rounds"),
    path("so-lieu/mo-dot/", rounds.new_round, name="new_round"),
    path("so-lieu/dot/<int:pk>/", rounds.round_page, name="round"),
    path("so-lieu/dot/<int:pk>/ky-sau/", rounds.copy_round, name="copy_round"),
    path("so-lieu/dot/<int:pk>/dot.xlsx", workbooks.round_workbook, name="round_workbook"),
    path("so-lieu/dot/<int:pk>/nap/", workbooks.return_workbook, name="return_workbook"),
    path("so-lieu/bao-cao/<int:pk>/so.xlsx", workbooks.unit_workbook, name="unit_workbook"),
    path("so-lieu/bao-cao/<int:pk>/", submissions.submission, name="submission"),
    path("so-lieu/bao-cao/<int:pk>/buoc/", submissions.step, name="step"),
]
