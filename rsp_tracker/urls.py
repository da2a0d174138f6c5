from django.urls import include, path

urlpatterns = [
    path("", include("members.urls")),
    path("", include("reporting.urls")),
]

handler403 = "reporting.views.errors.denied"
