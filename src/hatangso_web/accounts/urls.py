"""Addresses of people, organisations and the person's own account."""

from django.urls import path

from hatangso_web.accounts.views import organisations, own, people

app_name = "accounts"
urlpatterns = [
    path("tai-khoan/", own.own_account, name="own_account"),
    path("nguoi-dung/", people.people, name="people"),
    path("nguoi-dung/them/", people.new_person, name="new_person"),
    path("nguoi-dung/<int:pk>/", people.person, name="person"),
    path("nguoi-dung/<int:pk>/vai-tro/", people.person_role, name="person_role"),
    path(
        "nguoi-dung/<int:pk>/vai-tro/<int:membership_pk>/thu/", people.person_role_end, name="person_role_end"
    ),
    path("nguoi-dung/<int:pk>/khoa/", people.person_switch, name="person_switch"),
    path("nguoi-dung/<int:pk>/mat-khau/", people.person_password, name="person_password"),
    path("co-quan/", organisations.organisations, name="organisations"),
    path("co-quan/them/", organisations.organisation_form, name="new_organisation"),
    path("co-quan/<int:pk>/", organisations.organisation, name="organisation"),
    path("co-quan/<int:pk>/sua/", organisations.organisation_form, name="change_organisation"),
    path("co-quan/<int:pk>/doi-ten/", organisations.organisation_rename, name="organisation_rename"),
    path("co-quan/<int:pk>/ket-thuc/", organisations.organisation_end, name="organisation_end"),
]
