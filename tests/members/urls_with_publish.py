"""The site with one more page, which asks for a fresh sign-in."""

from django.http import HttpResponse
from django.urls import include, path

from members.access import requires


@requires("plan.publish")
def publish(request):
    return HttpResponse("published")


urlpatterns = [path("", include("members.urls")), path("publish/", publish)]
