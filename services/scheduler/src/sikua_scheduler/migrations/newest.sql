-- Generated from the migrations by `make docs`; `make check` fails when it is stale.

CREATE TABLE service_version (
    version_num VARCHAR(32) NOT NULL,
    CONSTRAINT service_version_pkc PRIMARY KEY (version_num)
);

-- Running upgrade  -> 0001

CREATE TABLE project (
    project_id text PRIMARY KEY,
    version integer NOT NULL,
    name text NOT NULL,
    status text NOT NULL,
    divisions text[] NOT NULL,
    record jsonb NOT NULL,
    planless_reason text
);

CREATE TABLE plan (
    project_id text PRIMARY KEY,
    version text NOT NULL,
    status text NOT NULL,
    fast_lane boolean NOT NULL,
    fast_lane_reason text,
    quiet boolean NOT NULL,
    created_at timestamptz NOT NULL,
    released_at timestamptz,
    released_by text
);

CREATE TABLE step (
    step_id text PRIMARY KEY,
    project_id text NOT NULL,
    project_name text NOT NULL,
    ordinal smallint NOT NULL,
    code text NOT NULL,
    item text,
    name_zh text NOT NULL,
    name_en text NOT NULL,
    owner_role text NOT NULL,
    owner_division text NOT NULL,
    consulted jsonb NOT NULL,
    status text NOT NULL,
    limit_amount integer NOT NULL,
    limit_unit text NOT NULL,
    cycle integer NOT NULL,
    coordination integer NOT NULL,
    historic boolean NOT NULL,
    armed_at timestamptz,
    started_at timestamptz,
    completed_at timestamptz,
    due_at timestamptz,
    due_provisional boolean NOT NULL,
    calendar_version integer NOT NULL,
    before_pause text,
    block jsonb,
    extension jsonb,
    policy jsonb,
    proof jsonb,
    refuted jsonb NOT NULL,
    next_rung text,
    next_rung_at timestamptz,
    tracked boolean NOT NULL
) WITH (fillfactor = 80);

CREATE INDEX step_project ON step (project_id, ordinal);

CREATE INDEX step_next_rung ON step (next_rung_at, step_id) WHERE next_rung_at IS NOT NULL;

CREATE INDEX step_calendar ON step (calendar_version) WHERE armed_at IS NOT NULL;

CREATE INDEX step_due ON step ((coalesce(due_at, 'infinity')), step_id);

CREATE TABLE pause (
    pause_id text PRIMARY KEY,
    step_id text NOT NULL,
    since timestamptz NOT NULL,
    until timestamptz,
    reason text NOT NULL,
    document text NOT NULL,
    of_project boolean NOT NULL,
    by text NOT NULL,
    resumed_document text,
    resumed_by text
);

CREATE INDEX ix_pause_step_id ON pause (step_id);

CREATE TABLE escalation (
    escalation_id text PRIMARY KEY,
    step_id text NOT NULL,
    project_id text NOT NULL,
    rung text NOT NULL,
    cycle integer NOT NULL,
    raised_at timestamptz NOT NULL,
    reason text NOT NULL,
    recipients jsonb NOT NULL,
    overdue_working_days integer NOT NULL,
    quiet boolean NOT NULL,
    forced text,
    acknowledged_at timestamptz,
    acknowledged_by text,
    waits_until timestamptz,
    resolved_at timestamptz,
    resolution text,
    resolved_by text,
    CONSTRAINT escalation_once UNIQUE (step_id, rung, cycle)
);

CREATE INDEX escalation_project ON escalation (project_id);

CREATE INDEX escalation_order ON escalation (raised_at, escalation_id);

CREATE TABLE track (
    track_id text PRIMARY KEY,
    project_id text NOT NULL,
    project_name text NOT NULL,
    reasons jsonb NOT NULL,
    opened_at timestamptz NOT NULL,
    opened_by text NOT NULL,
    order_reason text,
    document text,
    closed_at timestamptz,
    closed_by text,
    close_reason text
);

CREATE UNIQUE INDEX track_open ON track (project_id) WHERE closed_at IS NULL;

CREATE INDEX track_project ON track (project_id, opened_at);

CREATE TABLE rescheduling (
    rescheduling_id text PRIMARY KEY,
    step_id text NOT NULL,
    project_id text NOT NULL,
    at timestamptz NOT NULL,
    due_before timestamptz,
    due_after timestamptz,
    calendar_version integer NOT NULL,
    reason text NOT NULL
);

CREATE INDEX ix_rescheduling_step_id ON rescheduling (step_id);

CREATE TABLE calendar_year (
    year integer PRIMARY KEY,
    version integer NOT NULL,
    "off" jsonb NOT NULL,
    work jsonb NOT NULL,
    papers jsonb NOT NULL,
    published_at timestamptz NOT NULL,
    published_by text NOT NULL
);

CREATE TABLE auditor_beat (
    id smallint PRIMARY KEY,
    business_at timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL,
    open_escalations integer NOT NULL,
    findings jsonb NOT NULL
);

INSERT INTO service_version (version_num) VALUES ('0001') RETURNING service_version.version_num;
