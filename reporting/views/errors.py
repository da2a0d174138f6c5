"""Refusals that are not about an address."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.csrf import csrf_failure

from .signed_out import signed_out


def denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    """You may not do this, and why where the view says so; the main ways stay where they are."""
    return render(request, "403.html", {"why": str(exception)}, status=403)


def forged(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form that does not prove where it comes from, mostly as its sender signed in again meanwhile: what was typed
    is shown to them, and nothing of it is saved."""
    keeps = request.resolver_match and getattr(request.resolver_match.func, "keeps_what_is_typed", False)
    return signed_out(request) if keeps else csrf_failure(request, reason)
