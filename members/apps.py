from django.apps import AppConfig
from django.contrib.auth.signals import user_logged_in
from django.db.models.signals import post_migrate


class MembersConfig(AppConfig):
    name = "members"
    verbose_name = "Organisations and people"

    def ready(self) -> None:
        from members import history, history_ways, history_words
        from members.guards import install_guards
        from members.sessions import begin

        history.tell(history_words.KINDS)
        history.lead(history_ways.Ways)
        post_migrate.connect(install_guards, sender=self)
        user_logged_in.connect(begin, dispatch_uid="session limits")
