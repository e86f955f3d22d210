"""The WSGI application, for `hatangso serve` and any other WSGI server."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hatangso_web.settings")
application = get_wsgi_application()
