"""The addresses of disputes: ``xu-ly-phan-anh/`` for the office, ``phan-anh/`` for everybody."""

from django.urls import URLPattern, path

from hatangso_web.indicators.views import challenges, citizens

CHALLENGES: list[URLPattern] = [
    path("xu-ly-phan-anh/", challenges.challenges, name="challenges"),
    path("xu-ly-phan-anh/<int:pk>/", challenges.challenge, name="challenge"),
    path("xu-ly-phan-anh/<int:pk>/minh-chung/", challenges.challenge_evidence, name="challenge_evidence"),
    path("phan-anh/", citizens.start, name="citizen_start"),
    path("phan-anh/tra-cuu/", citizens.look_up, name="citizen_look_up"),
    path("phan-anh/thon/<str:code>/", citizens.village, name="citizen_village"),
    path("phan-anh/muc/<int:pk>/", citizens.word, name="citizen_word"),
    path("phan-anh/ma/<str:code>/", citizens.receipt, name="citizen_receipt"),
]
