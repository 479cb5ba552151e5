"""Links end, statements are taken back with them, quarantine is whole and can be released, faults stand beside reasons."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE enquiry ADD COLUMN fault text")
    op.execute("ALTER TABLE link DROP CONSTRAINT link_state_check")
    op.execute(
        """ALTER TABLE link ADD CONSTRAINT link_state_check
  CHECK (state IN ('certain', 'pending', 'confirmed', 'rejected', 'ended'))"""
    )
    op.execute("ALTER TABLE statement DROP CONSTRAINT statement_state_check")
    op.execute(
        """ALTER TABLE statement ADD CONSTRAINT statement_state_check
  CHECK (state IN ('stated', 'held', 'released', 'withdrawn', 'unlinked', 'unavailable'))"""
    )
    op.execute("ALTER TABLE quarantine DROP CONSTRAINT quarantine_state_check")
    op.execute(
        """ALTER TABLE quarantine ADD CONSTRAINT quarantine_state_check CHECK (state IN ('open', 'resolved', 'released')),
  ADD COLUMN form text NOT NULL DEFAULT 'row' CHECK (form IN ('row', 'answer')),
  ADD COLUMN key_kind text,
  ADD COLUMN simulated boolean NOT NULL DEFAULT false"""
    )
