"""The Member's workbook is taken out in the browser."""

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase

from members.exports import XLSX, named
from reporting.looking import Look, Missing
from reporting.returns import Return, visible
from reporting.workbook.exporting import export
from reporting.workbook.opening import DOWNLOADS, return_on_page

from .base import page


def opened(look: Look, round: str, org: str) -> Return:
    """What the reader may take out. Raises Missing, and PermissionDenied where they see the return and no more."""
    try:
        return return_on_page(look, round, org)
    except Missing:
        visible(look, round, org)
        raise PermissionDenied from None


@page(DOWNLOADS, figures=False, within=visible)
def download(request: HttpRequest, look: Look, round: str, org: str) -> HttpResponseBase:
    """The round's questions as an Excel file, with what is known so far."""
    found = opened(look, round, org)
    name, content = export(found, by=look.user, address=request.build_absolute_uri())
    return named(HttpResponse(content, content_type=XLSX), name)
