"""research: rollups, data bundles, tokens of the API"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0006'
down_revision = '0005'
branch_labels = None
depends_on = None

# as in 0003: sub-selects, so that PostgreSQL asks once per query and not once per row
SETTING = "current_setting('app.organizations', true)"
IS_WHOLE_PROGRAM = f"(select coalesce({SETTING}, '') = '*')"
ORGANIZATIONS = f"(select string_to_array(nullif({SETTING}, '*'), ',')::integer[])::integer[]"


def upgrade() -> None:
    op.create_table('assessment_rollup',
    sa.Column('assessment_id', sa.Integer(), nullable=False),
    sa.Column('basis', sa.String(length=10), nullable=False),
    sa.Column('questionnaire', sa.String(length=80), nullable=False),
    sa.Column('questionnaire_version_id', sa.Integer(), nullable=False),
    sa.Column('quarter', sa.String(length=6), nullable=False),
    sa.Column('is_preferred', sa.Boolean(), nullable=False),
    sa.Column('raters', sa.Integer(), nullable=False),
    sa.Column('level_counts', sa.LargeBinary(), nullable=False),
    sa.Column('scores', sa.LargeBinary(), nullable=False),
    sa.Column('organization_id', sa.Integer(), nullable=False),
    sa.Column('clinic_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['assessment_id'], ['assessment.id'], name=op.f('fk_assessment_rollup_assessment_id_assessment'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['clinic_id'], ['clinic.id'], name=op.f('fk_assessment_rollup_clinic_id_clinic')),
    sa.ForeignKeyConstraint(['organization_id'], ['organization.id'], name=op.f('fk_assessment_rollup_organization_id_organization')),
    sa.ForeignKeyConstraint(['questionnaire_version_id'], ['questionnaire_version.id'], name=op.f('fk_assessment_rollup_questionnaire_version')),
    sa.PrimaryKeyConstraint('assessment_id', 'basis', name=op.f('pk_assessment_rollup'))
    )
    with op.batch_alter_table('assessment_rollup', schema=None) as batch_op:
        batch_op.create_index('ix_assessment_rollup_clinic_id', ['clinic_id'], unique=False)
        batch_op.create_index('ix_assessment_rollup_questionnaire', ['questionnaire', 'is_preferred'], unique=False)

    op.create_table('data_bundle',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('selection', sa.Text(), nullable=False),
    sa.Column('clinics', sa.Text(), nullable=False),
    sa.Column('state', sa.String(length=10), nullable=False),
    sa.Column('progress', sa.Integer(), nullable=False),
    sa.Column('step', sa.String(length=200), nullable=False),
    sa.Column('error', sa.Text(), nullable=False),
    sa.Column('file_name', sa.String(length=200), nullable=False),
    sa.Column('size', sa.Integer(), nullable=False),
    sa.Column('sha256', sa.String(length=64), nullable=False),
    sa.Column('asked_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ready_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("state in ('waiting', 'working', 'ready', 'failed')", name=op.f('ck_data_bundle_state')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_data_bundle_person_id_person'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_data_bundle'))
    )
    with op.batch_alter_table('data_bundle', schema=None) as batch_op:
        batch_op.create_index('ix_data_bundle_person_id', ['person_id'], unique=False)

    op.create_table('data_bundle_part',
    sa.Column('bundle_id', sa.Integer(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('content', sa.LargeBinary(), nullable=False),
    sa.ForeignKeyConstraint(['bundle_id'], ['data_bundle.id'], name=op.f('fk_data_bundle_part_bundle_id_data_bundle'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('bundle_id', 'number', name=op.f('pk_data_bundle_part'))
    )
    op.create_table('api_token',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=80), nullable=False),
    sa.Column('token_hash', sa.String(length=64), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('last_used_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('revoked_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_api_token_person_id_person'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_api_token')),
    sa.UniqueConstraint('token_hash', name=op.f('uq_api_token_token_hash'))
    )
    with op.batch_alter_table('api_token', schema=None) as batch_op:
        batch_op.create_index('ix_api_token_person_id', ['person_id'], unique=False)

    if op.get_bind().dialect.name == 'postgresql':
        visible = f'{IS_WHOLE_PROGRAM} OR organization_id = ANY ({ORGANIZATIONS})'
        op.execute('ALTER TABLE assessment_rollup ENABLE ROW LEVEL SECURITY')
        op.execute('ALTER TABLE assessment_rollup FORCE ROW LEVEL SECURITY')
        op.execute(
            f'CREATE POLICY within_reach ON assessment_rollup USING ({visible}) WITH CHECK ({visible})'
        )


def downgrade() -> None:
    for table in ('api_token', 'data_bundle_part', 'data_bundle', 'assessment_rollup'):
        op.drop_table(table)
