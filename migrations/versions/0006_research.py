"""research: rollups, data bundles, tokens of the API"""

from __future__ import annotations

import struct
from collections import defaultdict

import sqlalchemy as sa
from alembic import op
from ruamel.yaml import YAML

revision = '0006'
down_revision = '0005'
branch_labels = None
depends_on = None

# as in 0003: sub-selects, so that PostgreSQL asks once per query and not once per row
SETTING = "current_setting('app.organizations', true)"
IS_WHOLE_PROGRAM = f"(select coalesce({SETTING}, '') = '*')"
ORGANIZATIONS = f"(select string_to_array(nullif({SETTING}, '*'), ',')::integer[])::integer[]"

AT_ONCE = 500  # assessments whose rollups are made together
BEST_FIRST = ('agreed', 'imported', 'ratings')


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

    _roll_up(op.get_bind())
    if op.get_bind().dialect.name == 'postgresql':
        visible = f'{IS_WHOLE_PROGRAM} OR organization_id = ANY ({ORGANIZATIONS})'
        op.execute('ALTER TABLE assessment_rollup ENABLE ROW LEVEL SECURITY')
        op.execute('ALTER TABLE assessment_rollup FORCE ROW LEVEL SECURITY')
        op.execute(
            f'CREATE POLICY within_reach ON assessment_rollup USING ({visible}) WITH CHECK ({visible})'
        )


def _roll_up(connection: sa.Connection) -> None:
    """Make the rollups of all assessments that have scores, from the scores and levels stored."""
    shapes = {
        row.id: _shape(row.document)
        for row in connection.execute(sa.text('SELECT id, document FROM questionnaire_version'))
    }
    ids = connection.execute(
        sa.text("SELECT id FROM assessment WHERE state <> 'open' ORDER BY id")
    ).scalars().all()
    for start in range(0, len(ids), AT_ONCE):
        part = ids[start:start + AT_ONCE]
        rows = _rollups(connection, shapes, {'first': part[0], 'last': part[-1]})
        if rows:
            connection.execute(INSERT, rows)


def _shape(document: str) -> tuple[list[str], list[tuple[str, int, int]]]:
    """Block ids, then milestones with the lowest and highest level, in the order of the text."""
    text = YAML(typ='base', pure=True).load(document)
    scales = {name: (int(one['minimum']), int(one['maximum'])) for name, one in text['scales'].items()}
    milestones = [
        (one['key'], *scales[one['scale']]) for block in text['blocks'] for one in block['milestones']
    ]
    return [block['id'] for block in text['blocks']], milestones


def _rollups(
    connection: sa.Connection,
    shapes: dict[int, tuple[list[str], list[tuple[str, int, int]]]],
    between: dict[str, int],
) -> list[dict[str, object]]:
    """The rows of all revealed assessments with ids between `first` and `last`."""
    scores = defaultdict(lambda: defaultdict(dict))
    for row in connection.execute(SCORES, between):
        scores[row.assessment_id][row.basis][row.block] = row
    levels = defaultdict(dict)
    for row in connection.execute(LEVELS, between):
        levels[row.assessment_id, row.basis][row.milestone, row.level] = row.given
    found = []
    for row in connection.execute(REVEALED, between):
        blocks, milestones = shapes[row.questionnaire_version_id]
        own = scores[row.assessment_id]
        best = min(own, key=BEST_FIRST.index, default=None)
        for basis in sorted(own):
            given = levels[row.assessment_id, basis]
            counts = [
                given.get((key, level), 0)
                for key, lowest, highest in milestones
                for level in range(lowest, highest + 1)
            ]
            values = [getattr(own[basis].get(name), 'score', None) for name in [*blocks, 'overall']]
            found.append(dict(row._mapping) | {
                'basis': basis,
                'is_preferred': basis == best,
                'raters': getattr(own[basis].get('overall'), 'raters', 0),
                # there are no levels behind imported scores
                'level_counts': b'' if basis == 'imported' else struct.pack(f'<{len(counts)}H', *counts),
                'scores': struct.pack(
                    f'<{len(values)}d', *(float('nan') if one is None else one for one in values)
                ),
            })
    return found


SCORES = sa.text("""
    SELECT assessment_id, basis, block, score, raters FROM block_score
    WHERE assessment_id BETWEEN :first AND :last
""")
LEVELS = sa.text("""
    SELECT assessment_id, 'ratings' AS basis, milestone, level, count(*) AS given
    FROM answer JOIN rating ON rating.id = answer.rating_id
    WHERE assessment_id BETWEEN :first AND :last
        AND submitted_at IS NOT NULL AND level IS NOT NULL
    GROUP BY assessment_id, milestone, level
    UNION ALL
    SELECT assessment_id, 'agreed', milestone, level, 1 FROM agreed_level
    WHERE assessment_id BETWEEN :first AND :last AND level IS NOT NULL
""")
REVEALED = sa.text("""
    SELECT id AS assessment_id, questionnaire, questionnaire_version_id, quarter,
        organization_id, clinic_id
    FROM assessment WHERE state <> 'open' AND id BETWEEN :first AND :last ORDER BY id
""")
INSERT = sa.text("""
    INSERT INTO assessment_rollup (assessment_id, basis, questionnaire, questionnaire_version_id,
        quarter, is_preferred, raters, level_counts, scores, organization_id, clinic_id)
    VALUES (:assessment_id, :basis, :questionnaire, :questionnaire_version_id,
        :quarter, :is_preferred, :raters, :level_counts, :scores, :organization_id, :clinic_id)
""")


def downgrade() -> None:
    for table in ('api_token', 'data_bundle_part', 'data_bundle', 'assessment_rollup'):
        op.drop_table(table)
