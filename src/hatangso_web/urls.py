"""The addresses of the site."""

from django.contrib.auth.decorators import login_not_required
from django.urls import URLPattern, URLResolver, include, path
from django.views.i18n import set_language

from hatangso_web.accounts.views.own import area_suggestions
from hatangso_web.home import home
from hatangso_web.indicators.urls import addresses as indicator_addresses
from hatangso_web.overview import overview
from hatangso_web.plans.queries.targets import targets_held
from hatangso_web.screen.health import health
from hatangso_web.trail import trail

urlpatterns: list[URLPattern | URLResolver] = [
    path("", home, name="home"),
    path("tong-quan/", overview, name="leader"),
    path("nhat-ky/", trail, name="trail"),
    path("dia-ban/goi-y/", area_suggestions, name="area_suggestions"),
    path("ngon-ngu/", login_not_required(set_language), name="set_language"),
    path("healthz", health, name="health"),
    path("", include(indicator_addresses(targets_held))),
    path("", include("hatangso_web.plans.urls")),
    path("", include("hatangso_web.measurements.urls")),
    path("", include("hatangso_web.gazetteer.urls")),
    path("", include("hatangso_web.catalogue.urls")),
    path("vao/", include("hatangso_web.accounts.sign_in_urls")),
    path("", include("hatangso_web.accounts.urls")),
]

handler400 = "hatangso_web.screen.errors.bad_request"
handler403 = "hatangso_web.screen.errors.forbidden"
handler404 = "hatangso_web.screen.errors.not_found"
handler500 = "hatangso_web.screen.errors.our_fault"
