"""The addresses of the catalogue."""

from django.urls import path

from hatangso_web.catalogue import views

app_name = "catalogue"
urlpatterns = [
    path("danh-muc/", views.indicators, name="indicators"),
    path("danh-muc/<str:code>/", views.indicator, name="indicator"),
]
