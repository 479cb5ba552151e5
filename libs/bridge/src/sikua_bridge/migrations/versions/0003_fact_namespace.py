"""Ids of facts are made in a namespace of the bridge's own; a bridge that has stated facts keeps the one it used."""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """CREATE TABLE fact_namespace (
  only_one boolean PRIMARY KEY DEFAULT true CHECK (only_one),
  namespace uuid NOT NULL
)"""
    )
    op.execute(
        """INSERT INTO fact_namespace (namespace)
SELECT CASE WHEN EXISTS (SELECT FROM statement) THEN '5e7a4c0e-6a55-5f0b-9a43-8d2f0c1b7e11'::uuid
  ELSE gen_random_uuid() END"""
    )
