"""What the answer to a form with mistakes says of itself, where the form and its page are allauth's."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse


class RefusedFormMiddleware:
    """422 as on every other page; allauth would say 200, as if all were well."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_template_response(self, request: HttpRequest, response: Any) -> Any:
        form = (response.context_data or {}).get("form")
        if request.method == "POST" and response.status_code == 200 and form is not None and form.errors:
            response.status_code = 422
        return response
