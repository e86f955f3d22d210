"""The addresses of the site."""

from django.urls import include, path

urlpatterns = [
    path("tai-khoan/", include("allauth.urls")),
    path("", lambda request: None, name="home"),
]
