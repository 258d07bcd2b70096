"""rating together"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0005'
down_revision = '0004'
branch_labels = None
depends_on = None

OF_ONE_CLINIC = (
    'assessment_step', 'asked_person', 'reminder', 'agreed_level_change', 'meeting',
    'parked_milestone', 'revote', 'revote_answer',
)
# as in 0003: sub-selects, so that PostgreSQL asks once per query and not once per row
SETTING = "current_setting('app.organizations', true)"
IS_WHOLE_PROGRAM = f"(select coalesce({SETTING}, '') = '*')"
ORGANIZATIONS = f"(select string_to_array(nullif({SETTING}, '*'), ',')::integer[])::integer[]"


def upgrade() -> None:
    op.create_table('agreed_level_change',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('assessment_id', sa.Integer(), nullable=False),
    sa.Column('milestone', sa.String(length=80), nullable=False),
    sa.Column('state', sa.String(length=20), nullable=False),
    sa.Column('level', sa.Integer(), nullable=True),
    sa.Column('rationale', sa.Text(), nullable=False),
    sa.Column('dissent', sa.Text(), nullable=False),
    sa.Column('agreed_by', sa.Integer(), nullable=True),
    sa.Column('agreed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('organization_id', sa.Integer(), nullable=False),
    sa.Column('clinic_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['agreed_by'], ['person.id'], name=op.f('fk_agreed_level_change_agreed_by_person'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['assessment_id'], ['assessment.id'], name=op.f('fk_agreed_level_change_assessment_id_assessment'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['clinic_id'], ['clinic.id'], name=op.f('fk_agreed_level_change_clinic_id_clinic')),
    sa.ForeignKeyConstraint(['organization_id'], ['organization.id'], name=op.f('fk_agreed_level_change_organization_id_organization')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_agreed_level_change'))
    )
    with op.batch_alter_table('agreed_level_change', schema=None) as batch_op:
        batch_op.create_index('ix_agreed_level_change_assessment_id', ['assessment_id'], unique=False)

    op.create_table('asked_person',
    sa.Column('assessment_id', sa.Integer(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('organization_id', sa.Integer(), nullable=False),
    sa.Column('clinic_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['assessment_id'], ['assessment.id'], name=op.f('fk_asked_person_assessment_id_assessment'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['clinic_id'], ['clinic.id'], name=op.f('fk_asked_person_clinic_id_clinic')),
    sa.ForeignKeyConstraint(['organization_id'], ['organization.id'], name=op.f('fk_asked_person_organization_id_organization')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_asked_person_person_id_person'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('assessment_id', 'person_id', name=op.f('pk_asked_person'))
    )
    op.create_table('assessment_step',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('assessment_id', sa.Integer(), nullable=False),
    sa.Column('step', sa.String(length=20), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=True),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('organization_id', sa.Integer(), nullable=False),
    sa.Column('clinic_id', sa.Integer(), nullable=False),
    sa.CheckConstraint("step in ('opened', 'changed', 'moved', 'revealed', 'hidden_again', 'agreed', 'closed', 'reopened')", name=op.f('ck_assessment_step_step')),
    sa.ForeignKeyConstraint(['assessment_id'], ['assessment.id'], name=op.f('fk_assessment_step_assessment_id_assessment'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['clinic_id'], ['clinic.id'], name=op.f('fk_assessment_step_clinic_id_clinic')),
    sa.ForeignKeyConstraint(['organization_id'], ['organization.id'], name=op.f('fk_assessment_step_organization_id_organization')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_assessment_step_person_id_person'), ondelete='SET NULL'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_assessment_step'))
    )
    with op.batch_alter_table('assessment_step', schema=None) as batch_op:
        batch_op.create_index('ix_assessment_step_assessment_id', ['assessment_id'], unique=False)

    op.create_table('meeting',
    sa.Column('assessment_id', sa.Integer(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('milestone', sa.String(length=80), nullable=True),
    sa.Column('started_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('started_by', sa.Integer(), nullable=True),
    sa.Column('minutes_each', sa.Integer(), nullable=False),
    sa.Column('timer_ends_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('attendance', sa.Text(), nullable=False),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('organization_id', sa.Integer(), nullable=False),
    sa.Column('clinic_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['assessment_id'], ['assessment.id'], name=op.f('fk_meeting_assessment_id_assessment'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['clinic_id'], ['clinic.id'], name=op.f('fk_meeting_clinic_id_clinic')),
    sa.ForeignKeyConstraint(['organization_id'], ['organization.id'], name=op.f('fk_meeting_organization_id_organization')),
    sa.ForeignKeyConstraint(['started_by'], ['person.id'], name=op.f('fk_meeting_started_by_person'), ondelete='SET NULL'),
    sa.PrimaryKeyConstraint('assessment_id', name=op.f('pk_meeting'))
    )
    op.create_table('parked_milestone',
    sa.Column('assessment_id', sa.Integer(), nullable=False),
    sa.Column('milestone', sa.String(length=80), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('parked_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('organization_id', sa.Integer(), nullable=False),
    sa.Column('clinic_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['assessment_id'], ['assessment.id'], name=op.f('fk_parked_milestone_assessment_id_assessment'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['clinic_id'], ['clinic.id'], name=op.f('fk_parked_milestone_clinic_id_clinic')),
    sa.ForeignKeyConstraint(['organization_id'], ['organization.id'], name=op.f('fk_parked_milestone_organization_id_organization')),
    sa.PrimaryKeyConstraint('assessment_id', 'milestone', name=op.f('pk_parked_milestone'))
    )
    op.create_table('reminder',
    sa.Column('assessment_id', sa.Integer(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('reason', sa.String(length=40), nullable=False),
    sa.Column('sent_by', sa.Integer(), nullable=True),
    sa.Column('sent_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('organization_id', sa.Integer(), nullable=False),
    sa.Column('clinic_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['assessment_id'], ['assessment.id'], name=op.f('fk_reminder_assessment_id_assessment'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['clinic_id'], ['clinic.id'], name=op.f('fk_reminder_clinic_id_clinic')),
    sa.ForeignKeyConstraint(['organization_id'], ['organization.id'], name=op.f('fk_reminder_organization_id_organization')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_reminder_person_id_person'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['sent_by'], ['person.id'], name=op.f('fk_reminder_sent_by_person'), ondelete='SET NULL'),
    sa.PrimaryKeyConstraint('assessment_id', 'person_id', 'reason', name=op.f('pk_reminder'))
    )
    op.create_table('revote',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('assessment_id', sa.Integer(), nullable=False),
    sa.Column('milestone', sa.String(length=80), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('state', sa.String(length=10), nullable=False),
    sa.Column('opened_by', sa.Integer(), nullable=True),
    sa.Column('opened_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('revealed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('organization_id', sa.Integer(), nullable=False),
    sa.Column('clinic_id', sa.Integer(), nullable=False),
    sa.CheckConstraint("state in ('open', 'revealed', 'cancelled')", name=op.f('ck_revote_state')),
    sa.ForeignKeyConstraint(['assessment_id'], ['assessment.id'], name=op.f('fk_revote_assessment_id_assessment'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['clinic_id'], ['clinic.id'], name=op.f('fk_revote_clinic_id_clinic')),
    sa.ForeignKeyConstraint(['opened_by'], ['person.id'], name=op.f('fk_revote_opened_by_person'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['organization_id'], ['organization.id'], name=op.f('fk_revote_organization_id_organization')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_revote')),
    sa.UniqueConstraint('assessment_id', 'milestone', 'number', name=op.f('uq_revote_assessment_id_milestone_number'))
    )
    op.create_table('revote_answer',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('revote_id', sa.Integer(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=True),
    sa.Column('rating_id', sa.Integer(), nullable=True),
    sa.Column('state', sa.String(length=20), nullable=False),
    sa.Column('level', sa.Integer(), nullable=True),
    sa.Column('voted_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('organization_id', sa.Integer(), nullable=False),
    sa.Column('clinic_id', sa.Integer(), nullable=False),
    sa.CheckConstraint("(state = 'level') = (level is not null)", name=op.f('ck_revote_answer_level')),
    sa.CheckConstraint("state in ('level', 'not_applicable', 'dont_know')", name=op.f('ck_revote_answer_state')),
    sa.CheckConstraint('(person_id is null) <> (rating_id is null)', name=op.f('ck_revote_answer_voter')),
    sa.ForeignKeyConstraint(['clinic_id'], ['clinic.id'], name=op.f('fk_revote_answer_clinic_id_clinic')),
    sa.ForeignKeyConstraint(['organization_id'], ['organization.id'], name=op.f('fk_revote_answer_organization_id_organization')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_revote_answer_person_id_person'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['rating_id'], ['rating.id'], name=op.f('fk_revote_answer_rating_id_rating'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['revote_id'], ['revote.id'], name=op.f('fk_revote_answer_revote_id_revote'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_revote_answer')),
    sa.UniqueConstraint('revote_id', 'person_id', name=op.f('uq_revote_answer_revote_id_person_id')),
    sa.UniqueConstraint('revote_id', 'rating_id', name=op.f('uq_revote_answer_revote_id_rating_id'))
    )
    with op.batch_alter_table('agreed_level', schema=None) as batch_op:
        batch_op.add_column(sa.Column('agreed_by', sa.Integer(), nullable=True))
        batch_op.create_foreign_key(batch_op.f('fk_agreed_level_agreed_by_person'), 'person', ['agreed_by'], ['id'], ondelete='SET NULL')

    with op.batch_alter_table('assessment', schema=None) as batch_op:
        batch_op.add_column(sa.Column('opened_by', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('message', sa.Text(), nullable=False, server_default=''))
        batch_op.add_column(sa.Column('asks_everyone', sa.Boolean(), nullable=False, server_default=sa.true()))
        batch_op.create_foreign_key(batch_op.f('fk_assessment_opened_by_person'), 'person', ['opened_by'], ['id'], ondelete='SET NULL')

    with op.batch_alter_table('rating', schema=None) as batch_op:
        batch_op.add_column(sa.Column('label', sa.String(length=80), nullable=False, server_default=''))
        batch_op.add_column(sa.Column('paper_on', sa.Date(), nullable=True))
        batch_op.add_column(sa.Column('keyed_by', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('compared_at', sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('compared_by', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('differences', sa.Integer(), nullable=True))
        batch_op.create_foreign_key(batch_op.f('fk_rating_keyed_by_person'), 'person', ['keyed_by'], ['id'], ondelete='SET NULL')
        batch_op.create_foreign_key(batch_op.f('fk_rating_compared_by_person'), 'person', ['compared_by'], ['id'], ondelete='SET NULL')

    op.execute(
        'INSERT INTO agreed_level_change (organization_id, clinic_id, assessment_id, milestone, '
        'state, level, rationale, dissent, agreed_at) SELECT organization_id, clinic_id, '
        'assessment_id, milestone, state, level, rationale, dissent, agreed_at FROM agreed_level'
    )
    # scores come into being at the reveal; until now each finished rating renewed them
    op.execute(
        "DELETE FROM block_score WHERE basis <> 'imported' AND assessment_id IN "
        "(SELECT id FROM assessment WHERE state = 'open')"
    )
    if op.get_bind().dialect.name == 'postgresql':
        for table in OF_ONE_CLINIC:
            _wall(table)


def _wall(table: str) -> None:
    visible = f'{IS_WHOLE_PROGRAM} OR organization_id = ANY ({ORGANIZATIONS})'
    op.execute(f'ALTER TABLE {table} ENABLE ROW LEVEL SECURITY')
    op.execute(f'ALTER TABLE {table} FORCE ROW LEVEL SECURITY')
    op.execute(f'CREATE POLICY within_reach ON {table} USING ({visible}) WITH CHECK ({visible})')


def downgrade() -> None:
    with op.batch_alter_table('rating', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('fk_rating_compared_by_person'), type_='foreignkey')
        batch_op.drop_constraint(batch_op.f('fk_rating_keyed_by_person'), type_='foreignkey')
        batch_op.drop_column('differences')
        batch_op.drop_column('compared_by')
        batch_op.drop_column('compared_at')
        batch_op.drop_column('keyed_by')
        batch_op.drop_column('paper_on')
        batch_op.drop_column('label')

    with op.batch_alter_table('assessment', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('fk_assessment_opened_by_person'), type_='foreignkey')
        batch_op.drop_column('asks_everyone')
        batch_op.drop_column('message')
        batch_op.drop_column('opened_by')

    with op.batch_alter_table('agreed_level', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('fk_agreed_level_agreed_by_person'), type_='foreignkey')
        batch_op.drop_column('agreed_by')

    op.drop_table('revote_answer')
    op.drop_table('revote')
    op.drop_table('reminder')
    op.drop_table('parked_milestone')
    op.drop_table('meeting')
    with op.batch_alter_table('assessment_step', schema=None) as batch_op:
        batch_op.drop_index('ix_assessment_step_assessment_id')

    op.drop_table('assessment_step')
    op.drop_table('asked_person')
    with op.batch_alter_table('agreed_level_change', schema=None) as batch_op:
        batch_op.drop_index('ix_agreed_level_change_assessment_id')

    op.drop_table('agreed_level_change')
