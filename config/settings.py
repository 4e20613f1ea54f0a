"""The only settings file; machines differ by environment variables alone.

A default is always the safe value: without variables this is a production
configuration that lacks its secret and its database, and so refuses to start.
`make run` and the tests set FANGXIU_MODE=local, which fills the gaps for one
machine. docs/operations.md lists every variable.
"""

from pathlib import Path

import environ
from django.core.exceptions import ImproperlyConfigured

from core.checks import refuse_unsafe
from core.logs import worth_a_line

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()

MODE = env.str("FANGXIU_MODE", default="production")
if MODE not in {"production", "local", "test"}:
    raise ImproperlyConfigured("FANGXIU_MODE must be production, local or test")
LOCAL = MODE != "production"

# The local key is no secret and never leaves the machine it signs for.
SECRET_KEY = env.str("SECRET_KEY", default="local-only-" + "0" * 50 if LOCAL else environ.Env.NOTSET)
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
DEBUG = env.bool("DEBUG", default=False)
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"] if LOCAL else [])
# Links in messages are built from this address, never from a Host header (T27).
SITE_URL = env.str("SITE_URL", default="http://localhost:8000" if LOCAL else environ.Env.NOTSET).rstrip("/")
CSRF_TRUSTED_ORIGINS = [SITE_URL]
HTTPS = SITE_URL.startswith("https://")

PGBOUNCER = env.bool("PGBOUNCER", default=False)
DATABASES = {"default": env.db("DATABASE_URL")}
DATABASES["default"] |= {
    # django-q2's broker closes old connections at every operation; without a
    # maximum age it would reconnect each time (docs/dependencies.md).
    "CONN_MAX_AGE": env.int("CONN_MAX_AGE", default=300),
    "CONN_HEALTH_CHECKS": True,
    "DISABLE_SERVER_SIDE_CURSORS": PGBOUNCER,
}
# Plans are kept for the statements of core.rows alone, from their second use on.
DATABASES["default"].setdefault("OPTIONS", {})["prepare_threshold"] = None if PGBOUNCER else 1
if DATABASES["default"]["ENGINE"] != "django.db.backends.postgresql":
    raise ImproperlyConfigured("DATABASE_URL must point at PostgreSQL")
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "core",
    "accounts",
    "estates",
    "notices",
    "knowledge",
    "warranty",
    "tickets",
    "dispatch",
    "partners",
    "channels",
    "planning",
    "coordination",
    "reports",
    "demo",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "django_fsm",
    "django_q",
    "django_htmx",
    "django_filters",
    "import_export",
    "csp",
    "django_structlog",
    "config.admin.FangxiuAdminConfig",
    "django.forms",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.contrib.postgres",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "accounts.middleware.SignedInUser",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "core.middleware.ContentPolicy",
    "django_htmx.middleware.HtmxMiddleware",
    "core.middleware.RequestLog",
    "core.middleware.SpokenRefusal",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "core.context.surface",
            ],
            "builtins": ["core.templatetags.fangxiu"],
        },
    }
]
FORM_RENDERER = "core.forms.FangxiuRenderer"

# Language and time
LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "简体中文")]
TIME_ZONE = "Asia/Shanghai"
USE_I18N = True
USE_TZ = True

# People and sessions
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["accounts.backends.NameOrPhoneBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ["username", "full_name", "phone"]},
    },
    {"NAME": "accounts.validators.MinimumLength", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_ADAPTER = "accounts.adapter.StaffAccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_FORMS = {
    "login": "accounts.forms.StaffLoginForm",
    "change_password": "accounts.forms.StaffPasswordForm",
    "reauthenticate": "accounts.forms.ConfirmPasswordForm",
}
# A whole office signs in from one address at eight in the morning, so the
# address alone may try often; it is wrong passwords that run out.
ACCOUNT_RATE_LIMITS = {"login": "120/m/ip", "login_failed": "30/m/ip,5/15m/key"}
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_LOGOUT_ON_GET = False
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "房修"
# One step of 30 seconds either way: the clocks of old phones drift.
MFA_TOTP_TOLERANCE = 1
MFA_ADAPTER = "accounts.adapter.StaffMFAAdapter"
MFA_FORMS = {
    "activate_totp": "accounts.forms.ActivateCodeForm",
    "authenticate": "accounts.forms.SignInCodeForm",
    "reauthenticate": "accounts.forms.ConfirmCodeForm",
}
# The prefix makes browsers refuse a session planted by another host of the domain (T29).
SESSION_COOKIE_NAME = "__Host-session" if HTTPS else "session"
SESSION_ENGINE = "accounts.sessions"
SESSION_COOKIE_AGE = 12 * 60 * 60
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = HTTPS
CSRF_COOKIE_SECURE = HTTPS
CSRF_FAILURE_VIEW = "core.errors.csrf_failure"

# Headers
SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^healthz/"]
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_HSTS_PRELOAD = HTTPS
SECURE_REFERRER_POLICY = "same-origin"
BEHIND_PROXY = env.bool("BEHIND_PROXY", default=False)
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_PROXY else None
TRUSTED_PROXIES = env.int("TRUSTED_PROXIES", default=0)
ALLAUTH_TRUSTED_PROXY_COUNT = TRUSTED_PROXIES
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:", "blob:"],
        "media-src": ["'self'", "blob:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "manifest-src": ["'self'"],
        "worker-src": ["'self'"],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
    }
}

# Files. Evidence lives outside every public folder and is served by a view that checks scope.
DATA_DIR = Path(env.str("FANGXIU_DATA_DIR", default=str(BASE_DIR / ".data")))
MEDIA_ROOT = DATA_DIR / "files"
STATIC_URL = "static/"
STATIC_ROOT = Path(env.str("STATIC_ROOT", default=str(BASE_DIR / "staticfiles")))
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {
        "BACKEND": "core.storages.DurableStorage",
        "OPTIONS": {"location": MEDIA_ROOT, "base_url": None, "file_permissions_mode": 0o600},
    },
    "staticfiles": {
        "BACKEND": "core.storages.StaticStorage"
        if MODE == "production"
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = LOCAL
# A file that grows under a running server would be sent cut to its old length.
WHITENOISE_AUTOREFRESH = MODE == "local"
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.TemporaryFileUploadHandler"]
DATA_UPLOAD_MAX_NUMBER_FIELDS = 400
DATA_UPLOAD_MAX_NUMBER_FILES = 20
IMAGE_MAX_BYTES = 12 * 1024 * 1024
IMAGE_MAX_PIXELS = 50_000_000
VIDEO_MAX_BYTES = 50 * 1024 * 1024
AUDIO_MAX_BYTES = 20 * 1024 * 1024
PDF_MAX_BYTES = 20 * 1024 * 1024
# Below this share of free disk, files are refused while tickets go on (T19).
FILES_MIN_FREE = env.float("FILES_MIN_FREE", default=0.1)
# With nginx in front: the internal location of MEDIA_ROOT, such as /protected/, from which it sends files.
X_ACCEL_PREFIX = env.str("X_ACCEL_PREFIX", default="")
IMPORT_MAX_BYTES = 5 * 1024 * 1024

CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "django_cache"},
}
if redis_url := env.str("REDIS_URL", default=""):
    CACHES["default"] = {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": redis_url}

# Messages to people
EMAIL_BACKEND = env.str(
    "EMAIL_BACKEND",
    default="django.core.mail.backends.console.EmailBackend"
    if LOCAL
    else "django.core.mail.backends.smtp.EmailBackend",
)
EMAIL_HOST = env.str("EMAIL_HOST", default="localhost")
EMAIL_PORT = env.int("EMAIL_PORT", default=25)
EMAIL_HOST_USER = env.str("EMAIL_HOST_USER", default="")
EMAIL_HOST_PASSWORD = env.str("EMAIL_HOST_PASSWORD", default="")
EMAIL_USE_TLS = env.bool("EMAIL_USE_TLS", default=False)
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="房修 <noreply@localhost>")
# The mailbox of reports, read each minute over IMAP; without a host nothing is read.
MAILBOX_HOST = env.str("MAILBOX_HOST", default="")
MAILBOX_SECURITY = env.str("MAILBOX_SECURITY", default="tls")
if MAILBOX_SECURITY not in {"tls", "starttls", "none"}:
    raise ImproperlyConfigured("MAILBOX_SECURITY must be tls, starttls or none")
MAILBOX_PORT = env.int("MAILBOX_PORT", default=993 if MAILBOX_SECURITY == "tls" else 143)
MAILBOX_USER = env.str("MAILBOX_USER", default="")
MAILBOX_PASSWORD = env.str("MAILBOX_PASSWORD", default="")
MAILBOX_FOLDER = env.str("MAILBOX_FOLDER", default="INBOX")
MAILBOX_CA_FILE = env.str("MAILBOX_CA_FILE", default="")
MAILBOX_MAX_BYTES = env.int("MAILBOX_MAX_BYTES", default=30 * 1024 * 1024)
# The WeChat service account; without an id and a secret its addresses answer 404 and nothing is sent.
WECHAT_APP_ID = env.str("WECHAT_APP_ID", default="")
WECHAT_APP_SECRET = env.str("WECHAT_APP_SECRET", default="")
WECHAT_TOKEN = env.str("WECHAT_TOKEN", default="")
# The EncodingAESKey: with it no message is taken that WeChat has not encrypted.
WECHAT_AES_KEY = env.str("WECHAT_AES_KEY", default="")
WECHAT_API_URL = env.str("WECHAT_API_URL", default="https://api.weixin.qq.com").rstrip("/")
WECHAT_OPEN_URL = env.str("WECHAT_OPEN_URL", default="https://open.weixin.qq.com").rstrip("/")
SMS_SENDER = env.str(
    "SMS_SENDER", default="notices.channels.ConsoleSms" if LOCAL else "notices.channels.NoSms"
)
# Sign-in codes for owners: each costs money, and a foreign phone is rung by it (T07).
OWNER_CODES_PER_DAY = env.int("OWNER_CODES_PER_DAY", default=2000)
OWNER_CODES_PER_IP_HOUR = env.int("OWNER_CODES_PER_IP_HOUR", default=5)
OWNER_CODES_PER_IP_DAY = env.int("OWNER_CODES_PER_IP_DAY", default=20)

# Background work (docs/dependencies.md explains each number)
Q_CLUSTER = {
    "name": "fangxiu",
    "label": "后台任务",
    "orm": "default",
    "workers": env.int("WORKERS", default=2),
    "queue_limit": env.int("WORKERS", default=2),
    "bulk": 1,
    "timeout": 60,
    "retry": 240,
    "max_attempts": 3,
    "ack_failures": True,
    "save_limit": 0,
    "catch_up": False,
    "recycle": 500,
    "max_rss": 400_000,
    "poll": 0.5,
    "ALT_CLUSTERS": {"long": {"timeout": 1800, "retry": 5500, "workers": 1, "queue_limit": 1, "poll": 1}},
}
# The one list of regular work; `manage.py sync_schedules` makes the database equal to it (OR-07).
SCHEDULES = "config.schedules.SCHEDULES"
# What floors above `tickets` want to know of a step there, by dotted path, so
# that the lower floor imports nothing upward: step name -> tasks(ticket_id).
TICKET_STEP_TASKS = {
    "register": ["dispatch.tasks.propose"],
    "complete_details": ["dispatch.tasks.propose"],
    "fail_follow_up": ["dispatch.tasks.propose"],
    "undefer": ["dispatch.tasks.propose"],
    "decline": ["dispatch.tasks.propose"],
    "rule": ["dispatch.tasks.think_again"],
    "dispute_ruling": ["dispatch.tasks.think_again"],
    "manager_visit": ["dispatch.tasks.think_again"],
    "cancel": ["dispatch.tasks.release_visits"],
    "accept": ["planning.tasks.book_window"],
}
# Floors above `tickets` that may know what a message that came in is about: each is asked
# (incoming, at=…) in turn, and answers why it needs no desk, or "".
INCOMING_READERS = ["coordination.mail.take"]
# Who may dispatch without a reviewer: asked by the machine, answered by the rules of the floor above.
TICKET_DISPATCH_RULE = "dispatch.modes.allows"

# Excel in admin
IMPORT_EXPORT_USE_TRANSACTIONS = True
IMPORT_EXPORT_IMPORT_PERMISSION_CODE = "import"
IMPORT_EXPORT_EXPORT_PERMISSION_CODE = "export"
IMPORT_EXPORT_TMP_STORAGE_CLASS = "import_export.tmp_storages.MediaStorage"
IMPORT_EXPORT_ESCAPE_ILLEGAL_CHARS_ON_EXPORT = True

# Figures for Prometheus: each floor names its own, so that `core` imports nothing upward.
METRIC_SOURCES = ["core.metrics.job_queues", "notices.metrics.outbox"]

# One line a request, when it has been answered.
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"jobs": {"()": "django.utils.log.CallbackFilter", "callback": worth_a_line}},
    "formatters": {"json": {"()": "core.logs.JsonFormatter"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
    # What it warns of stands in the request's own line.
    "loggers": {"django.request": {"level": "ERROR"}, "django-q": {"filters": ["jobs"]}},
    "root": {
        "handlers": ["stderr"],
        "level": env.str("LOG_LEVEL", default="WARNING" if MODE == "test" else "INFO"),
    },
}

if MODE == "test":
    # Argon2 is slow on purpose; a test that logs in need not be.
    PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    # Every client of every test would look through all static files before its first request.
    WHITENOISE_AUTOREFRESH = True

if MODE == "production":
    refuse_unsafe(globals())
