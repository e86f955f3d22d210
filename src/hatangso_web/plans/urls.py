"""The addresses of plans, below ``ke-hoach/`` and ``den-han/``."""

from django.urls import path

from hatangso_web.plans.views import lists, reviews, side_by_side, uploads

app_name = "plans"
urlpatterns = [
    path("ke-hoach/", lists.plans, name="list"),
    path("ke-hoach/danh-sach.xlsx", lists.plans_download, name="list_download"),
    path("ke-hoach/nap/", uploads.upload, name="upload"),
    path("so-sanh/ke-hoach/", side_by_side.compare_plans, name="side_by_side"),
    path("den-han/", lists.due, name="due"),
    path("den-han/den-han.xlsx", lists.due_download, name="due_download"),
    path("ke-hoach/<int:pk>/", lists.plan, name="plan"),
    path("ke-hoach/<int:pk>/ke-hoach.xlsx", lists.plan_download, name="plan_download"),
    path("ke-hoach/<int:pk>/nap-ban-moi/", uploads.new_version, name="new_version"),
    path("ke-hoach/ban/<int:pk>/", uploads.version, name="version"),
    path("ke-hoach/ban/<int:pk>/doc-lai/", uploads.try_again, name="try_again"),
    path("ke-hoach/ban/<int:pk>/tep/", uploads.original, name="original"),
    path("ke-hoach/ban/<int:pk>/xac-nhan/", reviews.review, name="review"),
    path("ke-hoach/ban/<int:pk>/xac-nhan-loat/", reviews.accept_kind, name="accept_kind"),
    path("ke-hoach/ban/<int:pk>/hoan-tac/", reviews.undo, name="undo"),
    path("ke-hoach/ban/<int:pk>/them/", reviews.add, name="add"),
    path("ke-hoach/ban/<int:pk>/so-sanh/", reviews.compare, name="compare"),
    path("ke-hoach/phat-hien/<int:pk>/", reviews.sentence, name="sentence"),
    path("ke-hoach/phat-hien/<int:pk>/quyet-dinh/", reviews.decide_finding, name="decide"),
    path("ke-hoach/phat-hien/<int:pk>/han-che/", reviews.restrict_finding, name="restrict"),
]
