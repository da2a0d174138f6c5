"""The site's addresses, and that of the yardstick."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import include, path

from members.models import AuditEntry


def bare(request: HttpRequest) -> HttpResponse:
    """c: 100 rows of 8 columns from one query, through a template. From a table that is no wider, words and no dates: a
    dear yardstick would make every page look cheap."""
    rows = AuditEntry.objects.order_by("pk")[:100]
    return render(request, "bench/bare.html", {"rows": rows})


urlpatterns = [path("bench/bare/", bare, name="bare"), path("", include("rsp_tracker.urls"))]
