"""Projects with their past, the facts heard about them, and the reports of imports."""

from __future__ import annotations

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE project (
            id text PRIMARY KEY,
            version integer NOT NULL,
            status text NOT NULL,
            name_key text NOT NULL,
            import_key text,
            divisions text[] NOT NULL,
            uscc text[] NOT NULL,
            project_codes text[] NOT NULL,
            document jsonb NOT NULL,
            registered_at timestamptz NOT NULL,
            valid_from timestamptz NOT NULL,
            recorded_at timestamptz NOT NULL,
            said text NOT NULL,
            said_by text NOT NULL,
            reason text,
            changed text[] NOT NULL
        )
        """
    )
    op.execute("CREATE INDEX ix_project_name_key ON project (name_key)")
    op.execute("CREATE INDEX ix_project_import_key ON project (import_key)")
    op.execute("CREATE INDEX ix_project_uscc ON project USING gin (uscc) WHERE uscc <> '{}'")
    op.execute("CREATE INDEX ix_project_project_codes ON project USING gin (project_codes) WHERE project_codes <> '{}'")
    op.execute(
        """
        CREATE TABLE project_past (
            project_id text NOT NULL,
            version integer NOT NULL,
            document jsonb NOT NULL,
            valid_from timestamptz NOT NULL,
            valid_to timestamptz NOT NULL,
            recorded_at timestamptz NOT NULL,
            said text NOT NULL,
            said_by text NOT NULL,
            reason text,
            changed text[] NOT NULL,
            PRIMARY KEY (project_id, version)
        )
        """
    )
    op.execute(
        """
        CREATE TABLE fact (
            id text PRIMARY KEY,
            project_id text NOT NULL,
            stated_for text NOT NULL,
            department text NOT NULL,
            dataset text NOT NULL,
            "values" jsonb NOT NULL,
            as_of timestamptz NOT NULL,
            basis text NOT NULL,
            quality text NOT NULL,
            resource_id text NOT NULL,
            batch_id text,
            row_hash text NOT NULL,
            heard_at timestamptz NOT NULL,
            withdrawn_reason text
        )
        """
    )
    op.execute("CREATE INDEX ix_fact_project_id ON fact (project_id)")
    op.execute(
        """
        CREATE TABLE unavailable (
            project_id text NOT NULL,
            department text NOT NULL,
            dataset text NOT NULL,
            reason text NOT NULL,
            asked_at timestamptz NOT NULL,
            ask_again_at timestamptz,
            PRIMARY KEY (project_id, department, dataset)
        )
        """
    )
    op.execute(
        """
        CREATE TABLE import_report (
            id text PRIMARY KEY,
            source text NOT NULL,
            sha256 text NOT NULL,
            imported_at timestamptz NOT NULL,
            recorded_at timestamptz NOT NULL,
            imported_by text NOT NULL,
            summary jsonb NOT NULL,
            rows jsonb NOT NULL
        )
        """
    )
    op.execute("CREATE INDEX ix_import_report_sha256 ON import_report (sha256)")


def downgrade() -> None:
    for table in ("import_report", "unavailable", "fact", "project_past", "project"):
        op.execute(f"DROP TABLE {table}")
