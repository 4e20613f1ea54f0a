"""Where machines post their alarms (IN-07)."""

from django.urls import path

from channels.views import sensors

urlpatterns = [path("", sensors.alarm, name="sensor_alarm")]
