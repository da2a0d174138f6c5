from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.templatetags.static import static
from django.utils import timezone

from .demonstration import holds_demonstration_data


def site(request: HttpRequest) -> dict[str, Any]:
    """What the frame of every page needs. The database is asked only where a template uses the answer."""
    now = timezone.localtime()
    return {
        "icons": static("img/icons.svg"),
        "demonstration": holds_demonstration_data,
        "secretariat_email": settings.SECRETARIAT_EMAIL,
        "address": request.build_absolute_uri(),
        "printed": f"{now:%d.%m.%y, %H:%M} ({timezone.get_current_timezone_name()})",
    }
