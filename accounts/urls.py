"""The names are allauth's where allauth reverses them; what is not listed here does not exist."""

from django.urls import path

from accounts import views

urlpatterns = [
    path("", views.home, name="home"),
    path("login/", views.sign_in, name="account_login"),
    path("login/code/", views.code, name="mfa_authenticate"),
    path("logout/", views.sign_out, name="account_logout"),
    path("me/", views.me, name="me"),
    path("me/password/", views.change_password, name="account_change_password"),
    path("me/confirm/", views.confirm_password, name="account_reauthenticate"),
    path("me/confirm/code/", views.confirm_code, name="mfa_reauthenticate"),
    path("me/2fa/", views.second_factor, name="mfa_index"),
    path("me/2fa/on/", views.activate, name="mfa_activate_totp"),
    path("me/2fa/off/", views.deactivate, name="mfa_deactivate_totp"),
    path("me/2fa/codes/", views.recovery_codes, name="mfa_view_recovery_codes"),
    path("me/2fa/codes/new/", views.new_recovery_codes, name="mfa_generate_recovery_codes"),
    path("me/2fa/codes/download/", views.download_recovery_codes, name="mfa_download_recovery_codes"),
]
