"""Plain Django on the same database and server: no sessions, no CSRF, no login, no log line."""

import environ

env = environ.Env()
SECRET_KEY = "only-for-the-yardstick-of-the-benchmarks"
ALLOWED_HOSTS = ["*"]
DATABASES = {"default": env.db("DATABASE_URL") | {"CONN_MAX_AGE": 300, "CONN_HEALTH_CHECKS": True}}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
INSTALLED_APPS = ["bench.yardstick"]
MIDDLEWARE = ["django.middleware.common.CommonMiddleware"]
ROOT_URLCONF = "bench.yardstick.urls"
TEMPLATES = [{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}]
LANGUAGE_CODE = "zh-hans"
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True
