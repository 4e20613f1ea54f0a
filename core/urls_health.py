from django.urls import path

from core import health

urlpatterns = [
    path("healthz/live", health.live, name="health_live"),
    path("healthz/ready", health.ready, name="health_ready"),
    path("healthz/worker", health.worker, name="health_worker"),
    path("metrics", health.metrics_text, name="metrics"),
]
