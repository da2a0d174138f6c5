"""Refusals that are not about an address."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from members.models import User
from reporting.looking import entries
from workplan.models import Plan
from workplan.queries import current_plan


def denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    """You may not do this; the main ways stay where they are."""
    context = {}
    try:
        if isinstance(request.user, User):
            plan = current_plan()
            context = {"plan": {"name": plan.title, "code": plan.code}, "entries": entries(request.user, plan.code)}
    except Plan.DoesNotExist:
        context = {}
    return render(request, "403.html", context, status=403)
