"""The site's addresses, and that of the yardstick."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import include, path

from reporting.models import Answer


def bare(request: HttpRequest) -> HttpResponse:
    """c: 100 rows of 8 columns from one query, through a template."""
    rows = Answer.objects.order_by("pk")[:100]
    return render(request, "bench/bare.html", {"rows": rows})


urlpatterns = [path("bench/bare/", bare, name="bare"), path("", include("rsp_tracker.urls"))]
