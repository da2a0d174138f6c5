from django.apps import AppConfig
from django.db.models.signals import post_migrate

from .revision import install_triggers


class ReportingConfig(AppConfig):
    name = "reporting"
    verbose_name = "Reporting"

    def ready(self) -> None:
        from members import history, verifying
        from reporting import history_ways, history_words

        history.tell(history_words.KINDS)
        history.lead(history_ways.Ways)
        verifying.KEEPERS.append(history_words.heads_of_releases)
        post_migrate.connect(install_triggers, sender=self)
