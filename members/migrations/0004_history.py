import hashlib
import json
from datetime import timezone

import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models

SAYS = (
    "at", "actor_email", "actor_name", "action", "object_type", "object_key", "object_label", "about", "only_for",
    "changes", "reason",
)
OF_A_PERSON = ("members.role", "members.invitation")
BATCH = 1000


def link_what_is_there(apps, schema_editor):
    """Every entry so far gets its place in the chain, in the order in which they were written."""
    Entry, Link = apps.get_model("members", "AuditEntry"), apps.get_model("members", "AuditLink")
    number, digest, last = 0, "", 0
    while entries := list(Entry.objects.filter(pk__gt=last).order_by("pk")[:BATCH]):
        links = []
        for entry in entries:
            kind, key = entry.object_type, entry.object_key
            if kind in OF_A_PERSON:
                kind, key = "members.user", key.partition("/")[0]
            entry.about = f"{kind}/{key}"
            entry.fingerprint = fingerprint(entry)
            number, digest = number + 1, hashlib.sha256((digest + entry.fingerprint).encode()).hexdigest()
            links.append(Link(number=number, entry_id=entry.pk, digest=digest))
        Entry.objects.bulk_update(entries, ["about", "fingerprint"], batch_size=100)
        Link.objects.bulk_create(links)
        last = entries[-1].pk


def fingerprint(entry):
    """As it was made when this was written (members/chain.py)."""
    said = {name: getattr(entry, name) for name in SAYS}
    said["at"] = entry.at.astimezone(timezone.utc).isoformat(timespec="microseconds")
    text = json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


class Migration(migrations.Migration):

    dependencies = [
        ('members', '0003_invitation'),
    ]

    operations = [
        migrations.AddField(
            model_name='auditentry',
            name='about',
            field=models.CharField(default='', max_length=320),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name='auditentry',
            name='only_for',
            field=models.CharField(blank=True, default='', max_length=4),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name='auditentry',
            name='fingerprint',
            field=models.CharField(default='', editable=False, help_text='SHA-256 of all the above', max_length=64),
            preserve_default=False,
        ),
        migrations.AlterField(
            model_name='auditentry',
            name='at',
            field=models.DateTimeField(default=django.utils.timezone.now),
        ),
        migrations.CreateModel(
            name='AuditLink',
            fields=[
                ('number', models.BigIntegerField(primary_key=True, serialize=False)),
                ('digest', models.CharField(max_length=64)),
                ('entry', models.OneToOneField(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='link', to='members.auditentry')),
            ],
            options={
                'ordering': ('number',),
            },
        ),
        migrations.RunPython(link_what_is_there, migrations.RunPython.noop),
        migrations.RemoveIndex(model_name='auditentry', name='audit_object'),
        migrations.AddIndex(
            model_name='auditentry',
            index=models.Index(fields=['object_type', 'object_key', '-at', '-id'], name='audit_of_object'),
        ),
        migrations.AddIndex(
            model_name='auditentry',
            index=models.Index(fields=['about', '-at', '-id'], name='audit_about'),
        ),
        migrations.AddIndex(
            model_name='auditentry',
            index=models.Index(fields=['-at', '-id'], name='audit_newest'),
        ),
    ]
