"""Settings of the site: one file, read from the environment; docs/operate lists every variable."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

from csp.constants import NONE, SELF

from hatangso_web import environment

PACKAGE = Path(__file__).resolve().parent
HOME = environment.home()

DEBUG = environment.boolean("HATANGSO_DEBUG")
SECRET_KEY = environment.secret_key(HOME)
# The machine itself may always ask for /healthz.
ALLOWED_HOSTS = [*environment.listing("HATANGSO_HOSTS"), "localhost", "127.0.0.1", "[::1]"]
HTTPS = environment.boolean("HATANGSO_HTTPS")
CSRF_TRUSTED_ORIGINS = environment.listing("HATANGSO_TRUSTED_ORIGINS")
ROOT_URLCONF = "hatangso_web.urls"
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
WSGI_APPLICATION = "hatangso_web.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.forms",
    "django_tasks",
    "django_tasks_db",
    "axes",
    "csp",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "hatangso_web.screen",
    "hatangso_web.areas",
    "hatangso_web.accounts",
    "hatangso_web.measurements",
    "hatangso_web.indicators",
    "hatangso_web.plans",
    "hatangso_web.gazetteer",
    "hatangso_web.catalogue",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "hatangso_web.screen.language.ChosenLanguageMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "hatangso_web.accounts.middleware.SignInFirstMiddleware",
    "axes.middleware.AxesMiddleware",
    "hatangso_web.screen.errors.UnavailableDatabaseMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [PACKAGE / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.messages.context_processors.messages",
                "hatangso_web.frame.frame",
            ],
            "builtins": [
                "hatangso_web.screen.templatetags.screen",
                "django.templatetags.i18n",
                "django.templatetags.static",
            ],
        },
    }
]

# --- Storage ---------------------------------------------------------------------------------------------
DATABASES = {"default": environment.database(HOME)}
MEDIA_ROOT = HOME / "files"
DATA_UPLOAD_MAX_MEMORY_SIZE = 10 * 1024 * 1024
UPLOAD_LIMIT_BYTES = environment.integer("HATANGSO_UPLOAD_LIMIT_MB", 50, lowest=1, highest=2000) * 1024 * 1024
# Speed tests come by the million: a CSV of two million of them weighs 200 MB. They go to disk and to the worker.
SPEED_FILE_LIMIT_BYTES = (
    environment.integer("HATANGSO_SPEED_FILE_LIMIT_MB", 200, lowest=1, highest=2000) * 1024 * 1024
)
STATIC_URL = "static/"
STATICFILES_DIRS = [PACKAGE / "static"]
# `hatangso serve` and `hatangso demo` build hashed, compressed copies when they start and set this.
STATIC_BUILT = environment.boolean("HATANGSO_STATIC_BUILT")
STATIC_ROOT = HOME / "static" if STATIC_BUILT else None
WHITENOISE_USE_FINDERS = not STATIC_BUILT
WHITENOISE_AUTOREFRESH = False
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if STATIC_BUILT
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": ["default"]}}

# --- The public speed test ---------------------------------------------------------------------------------
SPEED_TEST_OPEN = environment.boolean("HATANGSO_SPEED_TEST", True)
SPEED_TESTS_PER_HOUR = environment.integer("HATANGSO_SPEED_TESTS_PER_HOUR", 20, lowest=1, highest=10_000)
SPEED_TEST_LIMIT_BYTES = (
    environment.integer("HATANGSO_SPEED_TEST_LIMIT_MB", 600, lowest=50, highest=5000) * 1024 * 1024
)

# --- Citizens' disputes of published coverage ----------------------------------------------------------------
CHALLENGES_OPEN = environment.boolean("HATANGSO_PUBLIC_CHALLENGES", True)
CHALLENGES_PER_HOUR = environment.integer("HATANGSO_CHALLENGES_PER_HOUR", 5, lowest=1, highest=1000)
CHALLENGES_PER_DAY = environment.integer("HATANGSO_CHALLENGES_PER_DAY", 300, lowest=1, highest=100_000)

# --- Language, time --------------------------------------------------------------------------------------
LANGUAGE_CODE = "vi"
LANGUAGES = [("vi", "Tiếng Việt"), ("en", "English")]
LANGUAGE_COOKIE_NAME = "ngon_ngu"
LANGUAGE_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SECURE = HTTPS
LOCALE_PATHS = [PACKAGE / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Asia/Ho_Chi_Minh"

# --- Who signs in ----------------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_ADAPTER = "hatangso_web.accounts.adapters.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_USERNAME_MIN_LENGTH = 3
ACCOUNT_PRESERVE_USERNAME_CASING = False
ACCOUNT_LOGIN_ON_PASSWORD_RESET = False
ACCOUNT_RATE_LIMITS = {"login_failed": None}  # django-axes counts failures, in the database
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "Hạ tầng số"
ACCOUNT_FORMS = {
    "login": "hatangso_web.accounts.forms.SignInForm",
    "change_password": "hatangso_web.accounts.forms.OwnPasswordForm",
    "reauthenticate": "hatangso_web.accounts.forms.PasswordAgainForm",
}
MFA_ADAPTER = "hatangso_web.accounts.adapters.SecondFactorAdapter"
MFA_FORMS = {
    "authenticate": "hatangso_web.accounts.forms.CodeForm",
    "reauthenticate": "hatangso_web.accounts.forms.CodeAgain",
    "activate_totp": "hatangso_web.accounts.forms.ActivateCodeForm",
}
AXES_FAILURE_LIMIT = environment.integer("HATANGSO_SIGN_IN_FAILURES", 5, lowest=1, highest=100)
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_LOCKOUT_TEMPLATE = "account/locked.html"
AXES_USERNAME_CALLABLE = "hatangso_web.accounts.adapters.attempted_name"
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False

OIDC_URL = environment.text("HATANGSO_OIDC_URL")
SOCIALACCOUNT_ADAPTER = "hatangso_web.accounts.adapters.SocialAccountAdapter"
SOCIALACCOUNT_EMAIL_AUTHENTICATION = bool(OIDC_URL)
SOCIALACCOUNT_EMAIL_AUTHENTICATION_AUTO_CONNECT = bool(OIDC_URL)
SOCIALACCOUNT_LOGIN_ON_GET = False
SOCIALACCOUNT_PROVIDERS = {
    "openid_connect": {
        "OAUTH_PKCE_ENABLED": True,
        "APPS": [
            {
                "provider_id": "co-quan",
                "name": environment.text("HATANGSO_OIDC_NAME", "Tài khoản cơ quan"),
                "client_id": environment.text("HATANGSO_OIDC_CLIENT"),
                "secret": environment.text("HATANGSO_OIDC_SECRET"),
                "settings": {"server_url": OIDC_URL},
            }
        ]
        if OIDC_URL
        else [],
    }
}

# --- Mail ------------------------------------------------------------------------------------------------
MAIL_HOST = environment.text("HATANGSO_MAIL_HOST")
EMAIL_BACKEND = (
    "django.core.mail.backends.smtp.EmailBackend"
    if MAIL_HOST
    else "django.core.mail.backends.dummy.EmailBackend"
)
EMAIL_HOST = MAIL_HOST
EMAIL_PORT = environment.integer("HATANGSO_MAIL_PORT", 587, lowest=1, highest=65535)
EMAIL_HOST_USER = environment.text("HATANGSO_MAIL_USER")
EMAIL_HOST_PASSWORD = environment.text("HATANGSO_MAIL_PASSWORD")
EMAIL_USE_TLS = environment.boolean("HATANGSO_MAIL_TLS", True)
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = environment.text("HATANGSO_MAIL_FROM", "hatangso@localhost")

# --- Safety ----------------------------------------------------------------------------------------------
_identity_origin = "{0.scheme}://{0.netloc}".format(urlsplit(OIDC_URL)) if OIDC_URL else ""
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF, *([_identity_origin] if _identity_origin else [])],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "object-src": [NONE],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^healthz$"]
SECURE_HSTS_SECONDS = 31536000 if HTTPS else 0
SECURE_PROXY_SSL_HEADER = (
    ("HTTP_X_FORWARDED_PROTO", "https") if environment.boolean("HATANGSO_BEHIND_PROXY") else None
)
# The address of the server in front, the only one whose word on a visitor's address is taken; * = whoever connects.
TRUSTED_PROXY = environment.text("HATANGSO_TRUSTED_PROXY", "*").strip()
SESSION_COOKIE_NAME = "phien"
SESSION_COOKIE_SECURE = HTTPS
SESSION_COOKIE_AGE = 12 * 3600
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
CSRF_COOKIE_SECURE = HTTPS
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "hatangso_web.screen.errors.csrf_failure"
SILENCED_SYSTEM_CHECKS = [
    # The office decides on HTTPS (HATANGSO_HTTPS); `hatangso serve` says so when it starts without it.
    "security.W004", "security.W008", "security.W012", "security.W016", "security.W021", "security.W005",
]  # fmt: skip

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"screen": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["screen"], "level": environment.text("HATANGSO_LOG_LEVEL", "WARNING")},
    # A page that is refused or not there is an answer, not a fault: no traceback on the screen.
    "loggers": {"django.request": {"level": "ERROR"}},
}
