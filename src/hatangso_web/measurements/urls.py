"""The addresses of speed measuring: ``toc-do/`` for the office, ``do-toc-do/`` for everybody."""

from django.urls import path

from hatangso_web.measurements.views import campaigns, declared, files, own_test, places, results, runs

app_name = "measurements"
urlpatterns = [
    path("toc-do/", campaigns.campaigns, name="list"),
    path("toc-do/dot/moi/", campaigns.new, name="new"),
    path("toc-do/dot/<int:pk>/", campaigns.campaign, name="campaign"),
    path("toc-do/dot/<int:pk>/dong/", campaigns.close, name="close"),
    path("toc-do/lan-tinh/<int:pk>/", runs.run, name="run"),
    path("toc-do/dot/<int:pk>/nhap/", files.hand_over, name="hand_in"),
    path("toc-do/dot/<int:pk>/lay-phep-do/", files.gather, name="gather"),
    path("toc-do/tep/<int:pk>/", files.file, name="file"),
    path("toc-do/tep/<int:pk>/cot/", files.columns, name="columns"),
    path("toc-do/tep/<int:pk>/nhap/", files.commit_it, name="commit"),
    path("toc-do/tep/<int:pk>/rut/", files.withdraw_it, name="withdraw"),
    path("toc-do/tep/<int:pk>/bo/", files.discard_it, name="discard"),
    path("toc-do/tep/<int:pk>/bi-loai.xlsx", files.rejected, name="rejected"),
    path("toc-do/dot/<int:pk>/ket-qua/<str:code>/", results.of_campaign, name="results"),
    path("toc-do/dia-ban/", results.find_area, name="find_area"),
    path("toc-do/dia-ban/<str:code>/", results.of_area, name="area"),
    path("toc-do/dot/<int:pk>/noi-yeu/", places.bad, name="bad"),
    path("toc-do/dot/<int:pk>/noi-yeu.xlsx", places.bad_download, name="bad_download"),
    path("toc-do/dot/<int:pk>/noi-yeu.svg", places.bad_map, name="bad_map"),
    path("toc-do/dot/<int:pk>/phu-luc/", places.annex, name="annex"),
    path("toc-do/dot/<int:pk>/con-phai-do/", places.plan, name="plan"),
    path("toc-do/dot/<int:pk>/con-phai-do.xlsx", places.plan_download, name="plan_download"),
    path("toc-do/cam-ket/", declared.declared, name="declared"),
    path("toc-do/cam-ket/khai/", declared.declare, name="declare"),
    path("do-toc-do/", own_test.page, name="test"),
    path("do-toc-do/bat-dau", own_test.start, name="test_start"),
    path("do-toc-do/tre", own_test.ping, name="test_ping"),
    path("do-toc-do/xuong", own_test.down, name="test_down"),
    path("do-toc-do/len", own_test.up, name="test_up"),
    path("do-toc-do/dia-ban", own_test.places_named, name="test_places"),
    path("do-toc-do/luu", own_test.save, name="test_save"),
    path("do-toc-do/ket-qua/<uuid:key>/", own_test.result, name="test_result"),
]
