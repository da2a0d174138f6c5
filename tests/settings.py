"""The settings of a development site, made quick; DATABASE_URL chooses the database as everywhere."""

import os

os.environ["DEBUG"] = "true"
os.environ["SECRET_KEY"] = "only-for-tests-" + "x" * 50

from rsp_tracker.settings import *  # noqa: F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
WHITENOISE_AUTOREFRESH = True
STORAGES["default"] = {"BACKEND": "django.core.files.storage.InMemoryStorage"}  # noqa: F405
JOBS = "timer"
