"""row-level security"""

from __future__ import annotations

from alembic import op

revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None

# join_link and joined_device stay outside: they are found by the hash of a secret, before anybody
# knows whose it is
OF_ONE_CLINIC = (
    'assessment', 'rating', 'answer', 'answer_change', 'agreed_level', 'block_score',
    'action_plan', 'goal', 'action', 'action_update',
)
# sub-selects, so that PostgreSQL asks once per query and not once per row
SETTING = "current_setting('app.organizations', true)"
IS_WHOLE_PROGRAM = f"(select coalesce({SETTING}, '') = '*')"
ORGANIZATIONS = f"(select string_to_array(nullif({SETTING}, '*'), ',')::integer[])::integer[]"


def upgrade() -> None:
    if op.get_bind().dialect.name != 'postgresql':
        return
    _wall('organization', 'id')
    for table in ('clinic', *OF_ONE_CLINIC):
        _wall(table, 'organization_id')
    _force('audit_event')
    # the log of an organization is for those who see it whole or in part, the program's for those
    # who run the program; everybody may add a line
    op.execute(f"""
        CREATE POLICY within_reach ON audit_event FOR SELECT USING (
            {IS_WHOLE_PROGRAM} OR chain IN (
                SELECT 'organization ' || id FROM unnest({ORGANIZATIONS}) AS id
            )
        )
    """)  # nosec B608 # both are constants of this file
    op.execute('CREATE POLICY anybody_adds ON audit_event FOR INSERT WITH CHECK (true)')


def _wall(table: str, column: str) -> None:
    _force(table)
    visible = f'{IS_WHOLE_PROGRAM} OR {column} = ANY ({ORGANIZATIONS})'
    op.execute(f'CREATE POLICY within_reach ON {table} USING ({visible}) WITH CHECK ({visible})')


def _force(table: str) -> None:
    op.execute(f'ALTER TABLE {table} ENABLE ROW LEVEL SECURITY')
    # FORCE: the owner of the tables too, where the application has not got a user of its own
    op.execute(f'ALTER TABLE {table} FORCE ROW LEVEL SECURITY')


def downgrade() -> None:
    if op.get_bind().dialect.name != 'postgresql':
        return
    op.execute('DROP POLICY anybody_adds ON audit_event')
    for table in ('organization', 'clinic', *OF_ONE_CLINIC, 'audit_event'):
        op.execute(f'DROP POLICY within_reach ON {table}')
        op.execute(f'ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY')
        op.execute(f'ALTER TABLE {table} DISABLE ROW LEVEL SECURITY')
