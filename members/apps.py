from django.apps import AppConfig
from django.contrib.auth.signals import user_logged_in


class MembersConfig(AppConfig):
    name = "members"
    verbose_name = "Organisations and people"

    def ready(self) -> None:
        from members.sessions import begin

        user_logged_in.connect(begin, dispatch_uid="session limits")
