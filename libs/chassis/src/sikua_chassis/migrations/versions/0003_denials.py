"""Who was turned away, for auditors; found newest first, and by age to be forgotten."""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

TABLE = """
CREATE TABLE denial (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at timestamptz NOT NULL,
    method text NOT NULL,
    route text NOT NULL,
    ids jsonb NOT NULL,
    sub text NOT NULL,
    reason text NOT NULL,
    times int NOT NULL,
    trace_id text
)
"""


def upgrade() -> None:
    """Add the table."""
    op.execute(TABLE)
    op.execute("CREATE INDEX denial_at ON denial (at)")


def downgrade() -> None:
    """Remove it."""
    op.execute("DROP TABLE denial")
