from django.db import migrations, models
from django.db.models import Count, OuterRef, Subquery


def from_the_first_version(apps, schema_editor):
    """Whose an activity is was read from the present roles of who entered it first: where these are for one
    organisation, it is that one's; others stay with the secretariat."""
    roles = apps.get_model("members", "Role").objects.filter(user=OuterRef("entered_by")).order_by().values("user")
    one = roles.annotate(many=Count("organisation", distinct=True), whose=models.Min("organisation")).filter(many=1)
    first = apps.get_model("reporting", "ActivityVersion").objects.filter(number=1, activity=OuterRef("pk"))
    whose = first.annotate(whose=Subquery(one.values("whose"))).values("whose")
    apps.get_model("reporting", "Activity").objects.update(recorded_by=Subquery(whose))


class Migration(migrations.Migration):
    dependencies = [("members", "0001_initial"), ("reporting", "0003_correction_reason")]

    operations = [
        migrations.AddField(
            model_name="activity",
            name="recorded_by",
            field=models.ForeignKey(
                blank=True,
                help_text="whose it is; blank: the secretariat's, such as imported ones",
                null=True,
                on_delete=models.PROTECT,
                related_name="recorded_activities",
                to="members.organisation",
            ),
        ),
        migrations.RunPython(from_the_first_version, migrations.RunPython.noop),
    ]
