"""A lane is found by its subject first, the part of its key that differs; its number is asked for by people only.

Compared from the consumer's name on, every step down the index passes three equal texts before one that tells them apart.
A number costs a second index an entry for each stream; a summary of ranges costs next to nothing and is fast enough for an
operator who names one lane.
"""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Turn the key round, and find numbers by ranges."""
    op.execute("ALTER TABLE lane DROP CONSTRAINT lane_pkey, ADD PRIMARY KEY (subject, topic, source, consumer)")
    op.execute("ALTER TABLE lane DROP CONSTRAINT lane_id_key")
    op.execute("CREATE INDEX lane_id ON lane USING brin (id)")


def downgrade() -> None:
    """Turn it back."""
    op.execute("DROP INDEX lane_id")
    op.execute("ALTER TABLE lane ADD UNIQUE (id)")
    op.execute("ALTER TABLE lane DROP CONSTRAINT lane_pkey, ADD PRIMARY KEY (consumer, source, topic, subject)")
