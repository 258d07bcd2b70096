"""reminders: when they go out by themselves, and what went out"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0007'
down_revision = '0006'
branch_labels = None
depends_on = None

# as in 0003: sub-selects, so that PostgreSQL asks once per query and not once per row
SETTING = "current_setting('app.organizations', true)"
IS_WHOLE_PROGRAM = f"(select coalesce({SETTING}, '') = '*')"
ORGANIZATIONS = f"(select string_to_array(nullif({SETTING}, '*'), ',')::integer[])::integer[]"


def upgrade() -> None:
    op.create_table('reminder_round',
    sa.Column('assessment_id', sa.Integer(), nullable=False),
    sa.Column('reason', sa.String(length=40), nullable=False),
    sa.Column('people', sa.Integer(), nullable=True),
    sa.Column('sent_by', sa.Integer(), nullable=True),
    sa.Column('sent_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('organization_id', sa.Integer(), nullable=False),
    sa.Column('clinic_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['assessment_id'], ['assessment.id'], name=op.f('fk_reminder_round_assessment_id_assessment'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['clinic_id'], ['clinic.id'], name=op.f('fk_reminder_round_clinic_id_clinic')),
    sa.ForeignKeyConstraint(['organization_id'], ['organization.id'], name=op.f('fk_reminder_round_organization_id_organization')),
    sa.ForeignKeyConstraint(['sent_by'], ['person.id'], name=op.f('fk_reminder_round_sent_by_person'), ondelete='SET NULL'),
    sa.PrimaryKeyConstraint('assessment_id', 'reason', name=op.f('pk_reminder_round'))
    )
    with op.batch_alter_table('assessment', schema=None) as batch_op:
        batch_op.add_column(sa.Column('remind_days', sa.String(length=40), nullable=False, server_default='-3 1'))

    # how many got a mail is told where everybody was asked: who was chosen could be read off
    op.execute(
        'INSERT INTO reminder_round (organization_id, clinic_id, assessment_id, reason, people, '
        'sent_by, sent_at) '
        'SELECT min(reminder.organization_id), min(reminder.clinic_id), reminder.assessment_id, '
        'reminder.reason, CASE WHEN asks_all = 1 THEN count(*) END, min(reminder.sent_by), '
        'max(reminder.sent_at) FROM reminder JOIN (SELECT id, CASE WHEN asks_everyone THEN 1 ELSE 0 '
        'END AS asks_all FROM assessment) AS asking ON asking.id = reminder.assessment_id '
        'GROUP BY reminder.assessment_id, reminder.reason, asks_all'
    )
    if op.get_bind().dialect.name == 'postgresql':
        visible = f'{IS_WHOLE_PROGRAM} OR organization_id = ANY ({ORGANIZATIONS})'
        op.execute('ALTER TABLE reminder_round ENABLE ROW LEVEL SECURITY')
        op.execute('ALTER TABLE reminder_round FORCE ROW LEVEL SECURITY')
        op.execute(
            f'CREATE POLICY within_reach ON reminder_round USING ({visible}) WITH CHECK ({visible})'
        )


def downgrade() -> None:
    with op.batch_alter_table('assessment', schema=None) as batch_op:
        batch_op.drop_column('remind_days')

    op.drop_table('reminder_round')
