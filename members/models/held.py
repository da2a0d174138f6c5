"""A file that somebody looks at before they import it."""

from django.db import models


class HeldFile(models.Model):
    """One of the few files that are held for a person and an import at once. Each stands in a place of its own, so the
    table itself bounds their number. Written by `members.imports.held` alone."""

    KEPT = 3

    person = models.ForeignKey("members.User", models.CASCADE, related_name="+")
    what = models.CharField(max_length=200)
    place = models.PositiveSmallIntegerField()
    content = models.BinaryField()
    checksum = models.CharField(max_length=64)
    at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("person", "what", "place"), name="held_file_in_its_place"),
            models.CheckConstraint(condition=models.Q(place__lt=3), name="held_file_one_of_few"),
        )

    def __str__(self) -> str:
        return f"{self.what}, held for {self.person_id}"
