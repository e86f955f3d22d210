"""The addresses of index scores."""

from django.urls import URLPattern, path

from hatangso_web.indicators.views import scores

SCORES: list[URLPattern] = [
    path("cham-diem/", scores.score_rounds, name="score_rounds"),
    path("cham-diem/mo-dot/", scores.new_score_round, name="new_score_round"),
    path("cham-diem/dot/<int:pk>/", scores.score_round, name="score_round"),
    path("cham-diem/dot/<int:pk>/ket-qua.xlsx", scores.score_round_workbook, name="score_round_workbook"),
    path("cham-diem/<int:pk>/", scores.scoring, name="scoring"),
    path("cham-diem/<int:pk>/bang-diem.xlsx", scores.scoring_workbook, name="scoring_workbook"),
    path("cham-diem/<int:pk>/buoc/", scores.score_step, name="score_step"),
    path("cham-diem/<int:pk>/thu/", scores.score_trial, name="score_trial"),
    path("cham-diem/<int:pk>/tieu-chi/<str:code>/", scores.score_line, name="score_line"),
    path("cham-diem/minh-chung/<int:pk>/", scores.score_file, name="score_file"),
    path("cham-diem/minh-chung/<int:pk>/rut/", scores.withdraw_score_file, name="withdraw_score_file"),
]
