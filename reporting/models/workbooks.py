"""The workbooks that came back from Members, each as it was taken over."""

from django.db import models
from django.db.models import Q

from members.models import InHistory

from .checks import person
from .correspondence import Original
from .rounds import Submission


class WorkbookUpload(models.Model):
    """A workbook that was taken over into a return: the file itself, as it came, and what was done with each row, word
    for word. It is never changed. ``key``: of the file, of the preview that was confirmed, and of what was chosen; by
    it a second click is known. ``original``: the e-mail that it came by, where the secretariat took it over on behalf;
    that holds the file. Written by ``actions.workbook`` alone."""

    submission = models.ForeignKey(Submission, models.PROTECT, related_name="workbooks")
    key = models.CharField(max_length=64)
    name = models.CharField(max_length=120)
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    file = models.BinaryField(null=True)
    original = models.ForeignKey(Original, models.PROTECT, null=True, blank=True, related_name="workbooks")
    made_at = models.DateTimeField(help_text="when the workbook was made here")
    uploaded_at = models.DateTimeField()
    uploaded_by = person()
    new = models.PositiveIntegerField()
    changed = models.PositiveIntegerField()
    unchanged = models.PositiveIntegerField()
    kept = models.PositiveIntegerField(help_text="changed on both sides, and left as on the site")
    content = models.JSONField(help_text="a list: where the row stood, what it is, what became of it, in words")

    class Meta:
        ordering = ("submission", "-pk")
        constraints = (
            models.UniqueConstraint(
                fields=("submission", "key"),
                name="workbook_once",
                violation_error_message="This workbook was taken over already.",
            ),
            models.CheckConstraint(
                condition=Q(size__gte=1),
                name="workbook_not_empty",
                violation_error_message="The file is empty.",
            ),
            models.CheckConstraint(
                condition=Q(file__isnull=True, original__isnull=False) | Q(file__isnull=False, original__isnull=True),
                name="workbook_file_kept_once",
                violation_error_message="The file is kept with the receipt, or with the e-mail.",
            ),
            models.CheckConstraint(
                condition=Q(new__gte=1) | Q(changed__gte=1) | Q(kept__gte=1),
                name="workbook_did_something",
                violation_error_message="A workbook on which nothing was decided leaves no receipt.",
            ),
        )

    def __str__(self) -> str:
        return f"{self.submission}, {self.name}"

    @property
    def stored(self) -> bool:
        """Was anything of it, or does everything stay as it was on the site."""
        return bool(self.new or self.changed)

    @property
    def in_history(self) -> InHistory:
        """On the page of the return."""
        about = f"reporting.submission/{self.submission.in_history.key}"
        return InHistory(str(self.pk), str(self), about)
