from django.apps import AppConfig
from django.db.models.signals import post_migrate

from .revision import install_triggers


class ReportingConfig(AppConfig):
    name = "reporting"
    verbose_name = "Reporting"

    def ready(self) -> None:
        post_migrate.connect(install_triggers, sender=self)
