"""The WeChat service account (IN-01)."""

from django.urls import path

from channels.views import wechat

urlpatterns = [
    path("", wechat.webhook, name="wechat"),
    path("enter/", wechat.enter, name="wechat_enter"),
    path("back/", wechat.back, name="wechat_back"),
]
