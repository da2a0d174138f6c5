"""A file that somebody looks at before they import it."""

from django.db import models


class HeldFile(models.Model):
    """Written by `members.imports.held` alone."""

    person = models.ForeignKey("members.User", models.CASCADE, related_name="+")
    what = models.CharField(max_length=200)
    content = models.BinaryField()
    checksum = models.CharField(max_length=64)
    at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("person", "what", "checksum"), name="held_file_once"),)

    def __str__(self) -> str:
        return f"{self.what}, held for {self.person_id}"
