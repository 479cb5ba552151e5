"""The feed, and the picture of projects."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
TEXTS = ARRAY(sa.Text)


def upgrade() -> None:
    """Create the tables, and the feed's counter at 0."""
    op.create_table(
        "feed_counter",
        sa.Column("feed", sa.Text, primary_key=True),
        sa.Column("last", sa.BigInteger, nullable=False),
    )
    op.execute("INSERT INTO feed_counter (feed, last) VALUES ('office', 0)")
    op.create_table(
        "feed_entry",
        sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("event_id", sa.Text, nullable=False),
        sa.Column("type", sa.Text, nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("sequence", sa.BigInteger, nullable=False),
        sa.Column("project_id", sa.Text),
        sa.Column("time", MOMENT, nullable=False),
        sa.Column("recorded_at", MOMENT, nullable=False),
        sa.Column("entered_at", MOMENT, nullable=False),
        sa.Column("correlation_id", sa.Text),
        sa.Column("data", JSONB, nullable=False),
        sa.Column("sentence_zh", sa.Text, nullable=False),
        sa.Column("sentence_en", sa.Text, nullable=False),
    )
    op.create_index("feed_entry_event", "feed_entry", ["event_id"], unique=True)
    op.create_index("feed_entry_project", "feed_entry", ["project_id", "number"])
    op.create_index("feed_entry_type", "feed_entry", ["type", "number"])
    op.create_index("feed_entry_entered", "feed_entry", ["entered_at"], postgresql_using="brin")
    op.create_table(
        "project_card",
        sa.Column("project_id", sa.Text, primary_key=True),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("divisions", TEXTS, nullable=False),
        sa.Column("zone", sa.Text),
        sa.Column("chain", sa.Text),
        sa.Column("origins", TEXTS, nullable=False),
        sa.Column("stage", sa.Text),
        sa.Column("historic", sa.Boolean, nullable=False),
        sa.Column("started", sa.Boolean),
        sa.Column("crossings", TEXTS, nullable=False),
        sa.Column("disagreeing", TEXTS),
        sa.Column("reason", sa.Text),
        sa.Column("merged_into", sa.Text),
        sa.Column("record", JSONB, nullable=False),
        sa.Column("changed_at", MOMENT, nullable=False),
    )
    op.create_index("project_card_name", "project_card", ["name", "project_id"])
    op.create_table(
        "step_card",
        sa.Column("step_id", sa.Text, primary_key=True),
        sa.Column("project_id", sa.Text, nullable=False),
        sa.Column("code", sa.Text, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("waiting_for", JSONB),
        sa.Column("reason", sa.Text),
        sa.Column("proof", JSONB),
        sa.Column("late_working_days", sa.Integer),
        sa.Column("historic", sa.Boolean),
        sa.Column("state", JSONB, nullable=False),
        sa.Column("changed_at", MOMENT, nullable=False),
    )
    op.create_index("step_card_project", "step_card", ["project_id"])
    op.create_index("step_card_status", "step_card", ["status"])
    op.create_table(
        "track_card",
        sa.Column("track_id", sa.Text, primary_key=True),
        sa.Column("project_id", sa.Text, nullable=False),
        sa.Column("open", sa.Boolean, nullable=False),
        sa.Column("reasons", TEXTS),
        sa.Column("opened_by", sa.Text),
        sa.Column("opened_at", MOMENT),
        sa.Column("closed_at", MOMENT),
        sa.Column("closed_by", sa.Text),
        sa.Column("closed_reason", sa.Text),
    )
    op.create_index("track_card_project", "track_card", ["project_id"])
    op.create_table(
        "escalation_card",
        sa.Column("escalation_id", sa.Text, primary_key=True),
        sa.Column("project_id", sa.Text, nullable=False),
        sa.Column("step_id", sa.Text, nullable=False),
        sa.Column("rung", sa.Text, nullable=False),
        sa.Column("recipients", JSONB),
        sa.Column("reason", sa.Text),
        sa.Column("overdue_working_days", sa.Integer),
        sa.Column("quiet", sa.Boolean),
        sa.Column("raised_at", MOMENT),
        sa.Column("acknowledged_by", sa.Text),
        sa.Column("acknowledged_at", MOMENT),
        sa.Column("waits_until", MOMENT),
        sa.Column("resolved_by", sa.Text),
        sa.Column("resolved_at", MOMENT),
        sa.Column("resolution", sa.Text),
    )
    op.create_index("escalation_card_project", "escalation_card", ["project_id"])
    op.create_table(
        "notice_card",
        sa.Column("notice_id", sa.Text, primary_key=True),
        sa.Column("project_id", sa.Text, nullable=False),
        sa.Column("step_id", sa.Text),
        sa.Column("escalation_id", sa.Text),
        sa.Column("owner", JSONB, nullable=False),
        sa.Column("recipient", sa.Text, nullable=False),
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("subject_line", sa.Text),
        sa.Column("reason", sa.Text),
        sa.Column("at", MOMENT),
        sa.Column("acknowledged_by", sa.Text),
        sa.Column("acknowledged_at", MOMENT),
    )
    op.create_index("notice_card_project", "notice_card", ["project_id"])
    op.create_table(
        "fact_card",
        sa.Column("fact_id", sa.Text, primary_key=True),
        sa.Column("project_id", sa.Text, nullable=False),
        sa.Column("department", sa.Text, nullable=False),
        sa.Column("dataset", sa.Text, nullable=False),
        sa.Column("field_values", JSONB),
        sa.Column("withheld", TEXTS),
        sa.Column("as_of", MOMENT),
        sa.Column("basis", sa.Text),
        sa.Column("quality", sa.Text),
        sa.Column("stated_at", MOMENT),
        sa.Column("withdrawn_at", MOMENT),
        sa.Column("withdrawn_reason", sa.Text),
    )
    op.create_index("fact_card_project", "fact_card", ["project_id"])
    op.create_table(
        "silence_card",
        sa.Column("project_id", sa.Text, primary_key=True),
        sa.Column("department", sa.Text, primary_key=True),
        sa.Column("dataset", sa.Text, primary_key=True),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("ask_again_at", MOMENT),
    )
    op.create_table(
        "calendar_year",
        sa.Column("year", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("off", TEXTS, nullable=False),
        sa.Column("work", TEXTS, nullable=False),
    )
