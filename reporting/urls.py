from django.urls import URLPattern, URLResolver, include, path

from .views import areas, documents, guides, kpis, lists, members, region, returns, review, rounds, sending, words

of_return = [
    path("", returns.tasks, name="return_tasks"),
    path("kpis/<str:code>/", returns.kpi, name="return_kpi"),
    path("versions/<str:code>/", sending.versions, name="return_versions"),
    path("check/", sending.check, name="return_check"),
    path("approver/", sending.to_approver, name="return_to_approver"),
    path("back/", sending.back, name="return_send_back"),
    path("send/", sending.send_all, name="return_send"),
    path("withdraw/", sending.take_back, name="return_withdraw"),
    path("receipts/<int:number>/", sending.receipt, name="return_receipt"),
]
of_review = [
    path("", review.queue, name="review_queue"),
    path("kpis/<str:code>/", review.kpi, name="review_kpi"),
    path("<str:org>/", review.member, name="review_member"),
    path("<str:org>/return/<str:code>/", review.send_back, name="review_return"),
    path("<str:org>/correct/<str:code>/", review.correct, name="review_correct"),
]
of_round: list[URLPattern | URLResolver] = [
    path("", rounds.who_has_sent, name="board"),
    path("edit/", rounds.edit, name="round_edit"),
    path("open/", rounds.open_it, name="round_open"),
    path("close/", rounds.close_it, name="round_close"),
    path("late/<str:org>/", rounds.late, name="round_late"),
    path("returns/<str:org>/", include(of_return)),
    path("review/", include(of_review)),
    path("words/", words.of_round, name="round_words"),
    path("comments/<str:code>/", words.comment, name="kpi_comment"),
    path("narratives/<str:code>/", words.narrative, name="narrative"),
    path("narratives/<str:code>/approve/", words.approve, name="narrative_approve"),
]
urlpatterns = [
    path("", lists.home, name="home"),
    path("plans/<slug:plan>/", region.overview, name="overview"),
    path("plans/<slug:plan>/focus-areas/<str:code>/", areas.focus_area, name="focus_area"),
    path("plans/<slug:plan>/kpis/<str:code>/", kpis.kpi, name="kpi"),
    path("plans/<slug:plan>/members/<str:code>/", members.member, name="member"),
    path("plans/<slug:plan>/work-plan/", lists.work_plan, name="work_plan"),
    path("plans/<slug:plan>/rounds/", rounds.rounds, name="rounds"),
    path("plans/<slug:plan>/rounds/new/", rounds.new, name="round_new"),
    path("plans/<slug:plan>/rounds/<slug:round>/", include(of_round)),
    path("plans/<slug:plan>/help/<slug:whom>/", guides.guide, name="guide"),
    path("plans/<slug:plan>/register/", lists.register, name="register"),
    path("plans/<slug:plan>/documents/", documents.documents, name="documents"),
    path("plans/<slug:plan>/documents/release/", documents.new, name="release_new"),
]
