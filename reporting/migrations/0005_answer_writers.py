from collections import defaultdict

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


def who_wrote_before(apps, schema_editor):
    """The last writer of every version; of those that can still be decided on, also whom the audit record names, and
    whoever wrote what they were built on."""
    Answer, Writer = apps.get_model("reporting", "Answer"), apps.get_model("reporting", "AnswerWriter")
    writers = defaultdict(set)
    for answer, person in Answer.objects.exclude(entered_by=None).order_by("pk").values_list("pk", "entered_by"):
        writers[answer].add(person)
    undecided = Answer.objects.exclude(state="accepted").order_by("submission", "kpi", "plan_year", "version")
    rows = list(undecided.values_list("pk", "submission", "kpi", "plan_year", "version"))
    for answer, person in audited(apps, {str(row[0]): row[0] for row in rows}):
        writers[answer].add(person)
    for (before, *place, number), (after, *same, following) in zip(rows, rows[1:]):
        if place == same and following == number + 1:
            writers[after] |= writers[before]
    found = [Writer(answer_id=answer, person_id=person) for answer in writers for person in sorted(writers[answer])]
    Writer.objects.bulk_create(found, batch_size=500)


def audited(apps, answers):
    """Whom the audit record names, as far as they still have the address that it knows."""
    people = {email.lower(): pk for pk, email in apps.get_model("members", "User").objects.values_list("pk", "email")}
    entries = apps.get_model("members", "AuditEntry").objects.filter(
        object_type="reporting.answer", action__in=("created", "changed", "imported")
    )
    for key, email in entries.order_by("pk").values_list("object_key", "actor_email").iterator():
        if key in answers and email.lower() in people:
            yield answers[key], people[email.lower()]


class Migration(migrations.Migration):

    dependencies = [
        ('members', '0003_invitation'),
        ('reporting', '0004_activity_recorded_by'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='AnswerWriter',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('answer', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='writers', to='reporting.answer')),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ('answer', 'pk'),
                'constraints': [models.UniqueConstraint(fields=('answer', 'person'), name='answer_writer_once')],
            },
        ),
        migrations.RunPython(who_wrote_before, migrations.RunPython.noop),
    ]
