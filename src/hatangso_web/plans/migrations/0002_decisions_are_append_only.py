"""The database itself refuses to change or remove a line of the history of decisions."""

from django.db import migrations

_SENTENCE = "Lịch sử quyết định chỉ được ghi thêm, không được sửa hay xóa."

_SQLITE = [
    f"""CREATE TRIGGER plan_decision_no_{verb.lower()} BEFORE {verb} ON plans_decision
    BEGIN SELECT RAISE(ABORT, '{_SENTENCE}'); END"""
    for verb in ("UPDATE", "DELETE")
]
_POSTGRESQL = [
    f"""CREATE FUNCTION plan_decision_refuse() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION '{_SENTENCE}'; END $$""",
    """CREATE TRIGGER plan_decision_append_only BEFORE UPDATE OR DELETE ON plans_decision
    FOR EACH ROW EXECUTE FUNCTION plan_decision_refuse()""",
]


def set_triggers(apps, schema_editor):
    for statement in _POSTGRESQL if schema_editor.connection.vendor == "postgresql" else _SQLITE:
        schema_editor.execute(statement)


def drop_triggers(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("DROP TRIGGER plan_decision_append_only ON plans_decision")
        schema_editor.execute("DROP FUNCTION plan_decision_refuse()")
    else:
        schema_editor.execute("DROP TRIGGER plan_decision_no_update")
        schema_editor.execute("DROP TRIGGER plan_decision_no_delete")


class Migration(migrations.Migration):
    dependencies = [("plans", "0001_initial")]
    operations = [migrations.RunPython(set_triggers, drop_triggers)]
