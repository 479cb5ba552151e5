-- Generated from the migrations by `make docs`; `make check` fails when it is stale.

CREATE TABLE service_version (
    version_num VARCHAR(32) NOT NULL,
    CONSTRAINT service_version_pkc PRIMARY KEY (version_num)
);

-- Running upgrade  -> 0001

CREATE TABLE feed_counter (
    feed TEXT NOT NULL,
    last BIGINT NOT NULL,
    PRIMARY KEY (feed)
);

INSERT INTO feed_counter (feed, last) VALUES ('office', 0);

CREATE TABLE feed_entry (
    number BIGINT NOT NULL,
    event_id TEXT NOT NULL,
    type TEXT NOT NULL,
    source TEXT NOT NULL,
    sequence BIGINT NOT NULL,
    project_id TEXT,
    time TIMESTAMP WITH TIME ZONE NOT NULL,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    entered_at TIMESTAMP WITH TIME ZONE NOT NULL,
    correlation_id TEXT,
    data JSONB NOT NULL,
    sentence_zh TEXT NOT NULL,
    sentence_en TEXT NOT NULL,
    PRIMARY KEY (number)
);

CREATE UNIQUE INDEX feed_entry_event ON feed_entry (event_id);

CREATE INDEX feed_entry_project ON feed_entry (project_id, number);

CREATE INDEX feed_entry_type ON feed_entry (type, number);

CREATE INDEX feed_entry_entered ON feed_entry USING brin (entered_at);

CREATE TABLE project_card (
    project_id TEXT NOT NULL,
    version BIGINT NOT NULL,
    status TEXT NOT NULL,
    name TEXT NOT NULL,
    divisions TEXT[] NOT NULL,
    zone TEXT,
    chain TEXT,
    origins TEXT[] NOT NULL,
    stage TEXT,
    historic BOOLEAN NOT NULL,
    started BOOLEAN,
    crossings TEXT[] NOT NULL,
    disagreeing TEXT[],
    reason TEXT,
    merged_into TEXT,
    record JSONB NOT NULL,
    changed_at TIMESTAMP WITH TIME ZONE NOT NULL,
    PRIMARY KEY (project_id)
);

CREATE INDEX project_card_name ON project_card (name, project_id);

CREATE TABLE step_card (
    step_id TEXT NOT NULL,
    project_id TEXT NOT NULL,
    code TEXT NOT NULL,
    status TEXT NOT NULL,
    waiting_for JSONB,
    reason TEXT,
    proof JSONB,
    late_working_days INTEGER,
    historic BOOLEAN,
    state JSONB NOT NULL,
    changed_at TIMESTAMP WITH TIME ZONE NOT NULL,
    PRIMARY KEY (step_id)
);

CREATE INDEX step_card_project ON step_card (project_id);

CREATE INDEX step_card_status ON step_card (status);

CREATE TABLE track_card (
    track_id TEXT NOT NULL,
    project_id TEXT NOT NULL,
    open BOOLEAN NOT NULL,
    reasons TEXT[],
    opened_by TEXT,
    opened_at TIMESTAMP WITH TIME ZONE,
    closed_at TIMESTAMP WITH TIME ZONE,
    closed_by TEXT,
    closed_reason TEXT,
    PRIMARY KEY (track_id)
);

CREATE INDEX track_card_project ON track_card (project_id);

CREATE TABLE escalation_card (
    escalation_id TEXT NOT NULL,
    project_id TEXT NOT NULL,
    step_id TEXT NOT NULL,
    rung TEXT NOT NULL,
    recipients JSONB,
    reason TEXT,
    overdue_working_days INTEGER,
    quiet BOOLEAN,
    raised_at TIMESTAMP WITH TIME ZONE,
    acknowledged_by TEXT,
    acknowledged_at TIMESTAMP WITH TIME ZONE,
    waits_until TIMESTAMP WITH TIME ZONE,
    resolved_by TEXT,
    resolved_at TIMESTAMP WITH TIME ZONE,
    resolution TEXT,
    PRIMARY KEY (escalation_id)
);

CREATE INDEX escalation_card_project ON escalation_card (project_id);

CREATE TABLE notice_card (
    notice_id TEXT NOT NULL,
    project_id TEXT NOT NULL,
    step_id TEXT,
    escalation_id TEXT,
    owner JSONB NOT NULL,
    recipient TEXT NOT NULL,
    channel TEXT NOT NULL,
    status TEXT NOT NULL,
    subject_line TEXT,
    reason TEXT,
    at TIMESTAMP WITH TIME ZONE,
    acknowledged_by TEXT,
    acknowledged_at TIMESTAMP WITH TIME ZONE,
    PRIMARY KEY (notice_id)
);

CREATE INDEX notice_card_project ON notice_card (project_id);

CREATE TABLE fact_card (
    fact_id TEXT NOT NULL,
    project_id TEXT NOT NULL,
    department TEXT NOT NULL,
    dataset TEXT NOT NULL,
    field_values JSONB,
    withheld TEXT[],
    as_of TIMESTAMP WITH TIME ZONE,
    basis TEXT,
    quality TEXT,
    stated_at TIMESTAMP WITH TIME ZONE,
    withdrawn_at TIMESTAMP WITH TIME ZONE,
    withdrawn_reason TEXT,
    PRIMARY KEY (fact_id)
);

CREATE INDEX fact_card_project ON fact_card (project_id);

CREATE TABLE silence_card (
    project_id TEXT NOT NULL,
    department TEXT NOT NULL,
    dataset TEXT NOT NULL,
    reason TEXT NOT NULL,
    asked_at TIMESTAMP WITH TIME ZONE NOT NULL,
    ask_again_at TIMESTAMP WITH TIME ZONE,
    PRIMARY KEY (project_id, department, dataset)
);

CREATE TABLE calendar_year (
    year INTEGER NOT NULL,
    version INTEGER NOT NULL,
    "off" TEXT[] NOT NULL,
    work TEXT[] NOT NULL,
    PRIMARY KEY (year)
);

INSERT INTO service_version (version_num) VALUES ('0001') RETURNING service_version.version_num;

-- Running upgrade 0001 -> 0002

CREATE TABLE sign_in_code (
    fingerprint TEXT NOT NULL,
    sealed TEXT NOT NULL,
    expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
    PRIMARY KEY (fingerprint)
);

CREATE INDEX sign_in_code_expires ON sign_in_code (expires_at);

CREATE TABLE officer_session (
    fingerprint TEXT NOT NULL,
    sealed TEXT NOT NULL,
    expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
    PRIMARY KEY (fingerprint)
);

CREATE INDEX officer_session_expires ON officer_session (expires_at);

UPDATE service_version SET version_num='0002' WHERE service_version.version_num = '0001';

-- Running upgrade 0002 -> 0003

CREATE TABLE desk_mark (
    subject TEXT NOT NULL,
    seen BIGINT NOT NULL,
    marked_at TIMESTAMP WITH TIME ZONE NOT NULL,
    PRIMARY KEY (subject)
);

UPDATE service_version SET version_num='0003' WHERE service_version.version_num = '0002';

-- Running upgrade 0003 -> 0004

CREATE TABLE kept_document (
    project_id TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    name TEXT NOT NULL,
    media_type TEXT NOT NULL,
    size_bytes BIGINT NOT NULL,
    kept_by TEXT NOT NULL,
    kept_at TIMESTAMP WITH TIME ZONE NOT NULL,
    content BYTEA NOT NULL,
    PRIMARY KEY (project_id, sha256)
);

ALTER TABLE kept_document ALTER COLUMN content SET STORAGE EXTERNAL;

UPDATE service_version SET version_num='0004' WHERE service_version.version_num = '0003';
