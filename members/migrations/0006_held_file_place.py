from django.db import migrations, models


def forget(apps, schema_editor):
    """What is held is held for an hour, between a preview and its import: who is in between chooses the file again."""
    apps.get_model('members', 'HeldFile').objects.all().delete()


class Migration(migrations.Migration):

    dependencies = [
        ('members', '0005_held_file'),
    ]

    operations = [
        migrations.RunPython(forget, migrations.RunPython.noop, elidable=True),
        migrations.RemoveConstraint(model_name='heldfile', name='held_file_once'),
        migrations.AddField(
            model_name='heldfile',
            name='place',
            field=models.PositiveSmallIntegerField(default=0),
            preserve_default=False,
        ),
        migrations.AddConstraint(
            model_name='heldfile',
            constraint=models.UniqueConstraint(fields=('person', 'what', 'place'), name='held_file_in_its_place'),
        ),
        migrations.AddConstraint(
            model_name='heldfile',
            constraint=models.CheckConstraint(condition=models.Q(('place__lt', 3)), name='held_file_one_of_few'),
        ),
    ]
