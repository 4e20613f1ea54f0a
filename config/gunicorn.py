"""gunicorn's settings; docs/operations.md lists the variables."""

import gc
import os
from pathlib import Path

bind = os.environ.get("BIND") or f"{os.environ.get('HOST', '127.0.0.1')}:{os.environ.get('PORT', '8000')}"
worker_class = "gthread"
workers = int(os.environ.get("WEB_WORKERS", "2"))
threads = int(os.environ.get("WEB_THREADS", "4"))
# The application is loaded once and shared by the workers' forks; a new
# release is rolled out by a restart behind the proxy, not by HUP.
preload_app = True
timeout = 60
graceful_timeout = 20
keepalive = 5
# Workers retire by turns, so that a slow leak never matters.
max_requests = 5000
max_requests_jitter = 1000
forwarded_allow_ips = os.environ.get("FORWARDED_ALLOW_IPS", "127.0.0.1,::1")
# A worker's heartbeat file on a slow disk can look like a hanging worker.
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None
# Requests are logged by django-structlog with their id, user and result.
accesslog = None
# The control socket would stand in the user's home folder; nothing here uses it.
control_socket_disable = True
logconfig_dict = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": "core.logs.JsonFormatter"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
    "root": {"handlers": ["stderr"], "level": "INFO"},
    "loggers": {
        "gunicorn.error": {"handlers": ["stderr"], "level": "INFO", "propagate": False},
        "gunicorn.access": {"handlers": [], "level": "ERROR", "propagate": False},
    },
}


def when_ready(server):
    """Keep what was loaded out of the garbage collector, so that forks go on sharing it."""
    gc.collect()
    gc.freeze()
    # A request makes thousands of objects and hardly a cycle: look for those seldom.
    gc.set_threshold(20_000, 20, 20)
