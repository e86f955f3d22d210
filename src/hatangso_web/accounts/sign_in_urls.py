"""Addresses of sign-in, second factor and the office's identity service: only those of allauth that are used."""

from allauth.account import views as account
from allauth.mfa.base import views as factor
from allauth.mfa.recovery_codes import views as recovery
from allauth.mfa.totp import views as totp
from allauth.socialaccount import views as social
from allauth.socialaccount.providers.openid_connect.urls import urlpatterns as openid_connect
from django.contrib.auth.decorators import login_not_required
from django.urls import include, path

urlpatterns = [
    path("dang-nhap/", account.login, name="account_login"),
    path("dang-xuat/", account.logout, name="account_logout"),
    path("da-khoa/", account.account_inactive, name="account_inactive"),
    path("dang-ky/", account.signup, name="account_signup"),
    path("nhap-lai-mat-khau/", account.reauthenticate, name="account_reauthenticate"),
    path("mat-khau/", account.password_change, name="account_change_password"),
    path("mat-khau/dat/", account.password_set, name="account_set_password"),
    path("hai-lop/", factor.index, name="mfa_index"),
    path("hai-lop/ma/", factor.authenticate, name="mfa_authenticate"),
    path("hai-lop/nhap-lai/", factor.reauthenticate, name="mfa_reauthenticate"),
    path("hai-lop/bat/", totp.activate_totp, name="mfa_activate_totp"),
    path("hai-lop/tat/", totp.deactivate_totp, name="mfa_deactivate_totp"),
    path("hai-lop/ma-du-phong/", recovery.view_recovery_codes, name="mfa_view_recovery_codes"),
    path("hai-lop/ma-du-phong/tao/", recovery.generate_recovery_codes, name="mfa_generate_recovery_codes"),
    path("hai-lop/ma-du-phong/tai/", recovery.download_recovery_codes, name="mfa_download_recovery_codes"),
    path("co-quan/huy/", social.login_cancelled, name="socialaccount_login_cancelled"),
    path("co-quan/loi/", login_not_required(social.login_error), name="socialaccount_login_error"),
    path("co-quan/chua-co/", social.signup, name="socialaccount_signup"),
    path("co-quan/lien-ket/", social.connections, name="socialaccount_connections"),
    path("", include(openid_connect)),
]
