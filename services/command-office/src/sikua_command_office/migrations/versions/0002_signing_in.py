"""One-time codes and sessions of the officers' page."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Create both tables; each row holds a token that only the secret's bearer can open."""
    for name in ("sign_in_code", "officer_session"):
        op.create_table(
            name,
            sa.Column("fingerprint", sa.Text, primary_key=True),
            sa.Column("sealed", sa.Text, nullable=False),
            sa.Column("expires_at", MOMENT, nullable=False),
        )
        op.create_index(f"{name}_expires", name, ["expires_at"])
