"""The addresses of the gazetteer."""

from django.urls import path

from hatangso_web.gazetteer.views import browse, files, revisions

app_name = "gazetteer"
urlpatterns = [
    path("dia-ban/", browse.areas, name="areas"),
    path("dia-ban/ma/<str:code>/", browse.area, name="area"),
    path("dia-ban/ma/<str:code>/ban-do.svg", browse.outline, name="map"),
    path("dia-ban/nap/", files.files, name="files"),
    path("dia-ban/nap/<int:pk>/", files.file, name="file"),
    path("dia-ban/nap/<int:pk>/ghi/", files.write, name="file_write"),
    path("dia-ban/thay-doi/", revisions.revisions, name="revisions"),
    path("dia-ban/thay-doi/them/", revisions.revision_form, name="new_revision"),
    path("dia-ban/thay-doi/<int:pk>/", revisions.revision, name="revision"),
    path("dia-ban/thay-doi/<int:pk>/sua/", revisions.revision_form, name="change_revision"),
    path("dia-ban/thay-doi/<int:pk>/xac-nhan/", revisions.confirm, name="revision_confirm"),
    path("dia-ban/thay-doi/<int:pk>/rut/", revisions.withdraw, name="revision_withdraw"),
]
