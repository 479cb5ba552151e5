"""The tables that every bridge has: projects heard of, links, enquiries, statements, quarantine."""

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """CREATE TABLE known_project (
  project_id text PRIMARY KEY,
  name text NOT NULL,
  divisions text[] NOT NULL,
  active boolean NOT NULL,
  signature text NOT NULL,
  heard_at timestamptz NOT NULL
)"""
    )
    op.execute(
        """CREATE TABLE link (
  link_id text PRIMARY KEY,
  project_id text NOT NULL,
  key_kind text NOT NULL,
  key text NOT NULL,
  state text NOT NULL CHECK (state IN ('certain', 'pending', 'confirmed', 'rejected')),
  reason text NOT NULL,
  similarity double precision,
  stated_name text,
  created_at timestamptz NOT NULL,
  decided_at timestamptz,
  decided_by text,
  UNIQUE (project_id, key_kind, key)
)"""
    )
    op.execute("CREATE INDEX link_key ON link (key_kind, key)")
    op.execute(
        """CREATE TABLE enquiry (
  enquiry_id text PRIMARY KEY,
  dataset text NOT NULL,
  key_kind text NOT NULL,
  key text NOT NULL,
  state text NOT NULL,
  ask_at timestamptz,
  retry_at timestamptz,
  attempts int NOT NULL,
  claim_token uuid,
  claimed_until timestamptz,
  asked_at timestamptz,
  answered_at timestamptz,
  reason text,
  asked_by text,
  traceparent text,
  created_at timestamptz NOT NULL,
  UNIQUE (dataset, key_kind, key)
)"""
    )
    op.execute("CREATE INDEX enquiry_key ON enquiry (key_kind, key)")
    op.execute("CREATE INDEX enquiry_due ON enquiry (ask_at) WHERE ask_at IS NOT NULL")
    op.execute(
        """CREATE TABLE statement (
  fact_id text PRIMARY KEY,
  dataset text NOT NULL,
  project_id text,
  key_kind text NOT NULL,
  key text NOT NULL,
  state text NOT NULL CHECK (state IN ('stated', 'held', 'released', 'withdrawn', 'unavailable')),
  document jsonb NOT NULL,
  row_hash text NOT NULL,
  batch_id text,
  stated_at timestamptz NOT NULL,
  recorded_at timestamptz NOT NULL
)"""
    )
    op.execute("CREATE INDEX statement_key ON statement (key_kind, key)")
    op.execute("CREATE INDEX statement_project ON statement (project_id, stated_at)")
    op.execute(
        """CREATE TABLE quarantine (
  quarantine_id text PRIMARY KEY,
  source text NOT NULL,
  dataset text NOT NULL,
  key text NOT NULL,
  reason text NOT NULL,
  raw text NOT NULL,
  raw_hash text NOT NULL,
  batch_id text,
  state text NOT NULL CHECK (state IN ('open', 'resolved')),
  times int NOT NULL,
  first_received_at timestamptz NOT NULL,
  last_received_at timestamptz NOT NULL,
  resolution text,
  resolved_by text,
  resolved_at timestamptz,
  UNIQUE (dataset, key, raw_hash)
)"""
    )
