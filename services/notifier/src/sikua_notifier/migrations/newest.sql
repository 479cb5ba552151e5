-- Generated from the migrations by `make docs`; `make check` fails when it is stale.

CREATE TABLE service_version (
    version_num VARCHAR(32) NOT NULL,
    CONSTRAINT service_version_pkc PRIMARY KEY (version_num)
);

-- Running upgrade  -> 0001

CREATE TABLE notice (
    id text PRIMARY KEY,
    position bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
    event_id text NOT NULL,
    kind text NOT NULL,
    project_id text NOT NULL,
    project_name text NOT NULL,
    step_id text,
    escalation_id text,
    owner_role text NOT NULL,
    owner_division text NOT NULL,
    recipient text NOT NULL,
    channel text NOT NULL,
    address text NOT NULL,
    content jsonb NOT NULL,
    urgent boolean NOT NULL,
    created_at timestamptz NOT NULL,
    due_at timestamptz NOT NULL,
    bundle text NOT NULL,
    state text NOT NULL,
    reason text,
    held_by text,
    parcel_id text,
    sent_at timestamptz,
    acknowledged_at timestamptz,
    acknowledged_by text,
    watch_until timestamptz,
    deputy_of text,
    traceparent text,
    CONSTRAINT notice_once UNIQUE (event_id, recipient, channel)
);

CREATE INDEX notice_due ON notice (due_at) WHERE state = 'waiting' AND parcel_id IS NULL;

CREATE INDEX notice_watch ON notice (watch_until) WHERE watch_until IS NOT NULL;

CREATE INDEX notice_project ON notice (project_id, position);

CREATE INDEX notice_recipient ON notice (recipient, position);

CREATE INDEX notice_escalation ON notice (escalation_id) WHERE escalation_id IS NOT NULL;

CREATE INDEX notice_parcel ON notice (parcel_id) WHERE parcel_id IS NOT NULL;

CREATE TABLE parcel (
    id text PRIMARY KEY,
    position bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
    channel text NOT NULL,
    recipient text NOT NULL,
    address text NOT NULL,
    project_id text NOT NULL,
    notices integer NOT NULL,
    state text NOT NULL,
    attempts integer NOT NULL,
    next_try_at timestamptz,
    claim_token uuid,
    claimed_until timestamptz,
    written_at timestamptz NOT NULL,
    finished_at timestamptz,
    last_answer text,
    traceparent text
);

CREATE INDEX parcel_waiting ON parcel (position) WHERE state = 'waiting';

CREATE INDEX parcel_queue ON parcel (address, project_id, position) WHERE state = 'waiting' AND channel = 'webhook';

CREATE TABLE contact (
    person text PRIMARY KEY,
    name text NOT NULL,
    unit text NOT NULL,
    role text NOT NULL,
    division text NOT NULL,
    email text NOT NULL,
    webhook text NOT NULL,
    deputy text NOT NULL,
    changed_at timestamptz NOT NULL
);

CREATE TABLE roster (
    role text NOT NULL,
    division text NOT NULL,
    place integer NOT NULL,
    person text NOT NULL,
    PRIMARY KEY (role, division, place)
);

CREATE TABLE endpoint (
    id text PRIMARY KEY,
    name text NOT NULL CONSTRAINT endpoint_name UNIQUE,
    url text NOT NULL,
    secret text NOT NULL,
    secret_before text,
    secret_before_until timestamptz,
    state text NOT NULL,
    disabled_reason text,
    paused_until timestamptz,
    created_by text NOT NULL,
    created_at timestamptz NOT NULL
);

CREATE TABLE silence (
    id text PRIMARY KEY,
    matchers jsonb NOT NULL,
    starts_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL,
    created_by text NOT NULL,
    comment text NOT NULL,
    created_at timestamptz NOT NULL,
    ended_by text
);

CREATE INDEX silence_in_force ON silence (ends_at);

CREATE TABLE calendar_year (
    year integer PRIMARY KEY,
    version integer NOT NULL,
    days_off jsonb NOT NULL,
    days_worked jsonb NOT NULL
);

INSERT INTO service_version (version_num) VALUES ('0001') RETURNING service_version.version_num;
