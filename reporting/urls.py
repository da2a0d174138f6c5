from django.urls import path

from .views import areas, kpis, lists, members, region

urlpatterns = [
    path("", lists.home, name="home"),
    path("plans/<slug:plan>/", region.overview, name="overview"),
    path("plans/<slug:plan>/focus-areas/<str:code>/", areas.focus_area, name="focus_area"),
    path("plans/<slug:plan>/kpis/<str:code>/", kpis.kpi, name="kpi"),
    path("plans/<slug:plan>/members/<str:code>/", members.member, name="member"),
    path("plans/<slug:plan>/work-plan/", lists.work_plan, name="work_plan"),
    path("plans/<slug:plan>/rounds/", lists.rounds, name="rounds"),
    path("plans/<slug:plan>/register/", lists.register, name="register"),
    path("plans/<slug:plan>/documents/", lists.documents, name="documents"),
]
