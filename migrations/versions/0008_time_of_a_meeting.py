"""meeting: until when it is planned, a timer that pauses, who says that they are there"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("meeting", schema=None) as batch_op:
        batch_op.add_column(sa.Column("planned_until", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("planned_each", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("timer_left", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("present", sa.JSON(), nullable=False, server_default="[]"))
        batch_op.drop_column("minutes_each")


def downgrade() -> None:
    with op.batch_alter_table("meeting", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("minutes_each", sa.Integer(), nullable=False, server_default="3")
        )
        for column in ("present", "timer_left", "planned_each", "planned_until"):
            batch_op.drop_column(column)
