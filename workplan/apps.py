from django.apps import AppConfig


class WorkplanConfig(AppConfig):
    name = "workplan"
    verbose_name = "Work plan"

    def ready(self) -> None:
        from members import history
        from workplan import history_words

        history.tell(history_words.KINDS)
