"""Answers kept under an Idempotency-Key are found by their age, so that old ones can be forgotten."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the index."""
    op.execute("CREATE INDEX idempotency_created ON idempotency (created_at)")


def downgrade() -> None:
    """Remove the index."""
    op.execute("DROP INDEX idempotency_created")
