-- Generated from the migrations by `make docs`; `make check` fails when it is stale.

CREATE TABLE chassis_version (
    version_num VARCHAR(32) NOT NULL,
    CONSTRAINT chassis_version_pkc PRIMARY KEY (version_num)
);

-- Running upgrade  -> 0001

CREATE TABLE stream (
    topic text NOT NULL,
    subject text NOT NULL,
    sequence bigint NOT NULL,
    last_id text NOT NULL,
    prior_id text,
    PRIMARY KEY (topic, subject)
) WITH (fillfactor = 70);

CREATE TABLE outbox (
    arrival bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id text NOT NULL,
    aggregatetype text NOT NULL,
    aggregateid text NOT NULL,
    type text NOT NULL,
    payload json NOT NULL,
    source text NOT NULL,
    sequence bigint NOT NULL,
    previousid text,
    time timestamptz NOT NULL,
    recordedtime timestamptz NOT NULL,
    headers json NOT NULL,
    tracingspancontext text,
    shard smallint NOT NULL,
    parked text
);

CREATE INDEX outbox_parked ON outbox (aggregatetype, aggregateid) WHERE parked IS NOT NULL;

CREATE TABLE publication (
    id smallint PRIMARY KEY DEFAULT 1 CHECK (id = 1),
    last_position bigint NOT NULL,
    retained_from bigint NOT NULL
);

INSERT INTO publication (last_position, retained_from) VALUES (0, 1);

CREATE TABLE published (
    position bigint NOT NULL,
    id text NOT NULL,
    aggregatetype text NOT NULL,
    aggregateid text NOT NULL,
    type text NOT NULL,
    payload json NOT NULL,
    source text NOT NULL,
    sequence bigint NOT NULL,
    previousid text,
    time timestamptz NOT NULL,
    recordedtime timestamptz NOT NULL,
    headers json NOT NULL,
    tracingspancontext text,
    PRIMARY KEY (position)
) PARTITION BY RANGE (position);

CREATE INDEX published_by_subject ON published (aggregateid, aggregatetype, sequence);

CREATE TABLE published_1 PARTITION OF published FOR VALUES FROM (0) TO (1000000);

CREATE TABLE published_2 PARTITION OF published FOR VALUES FROM (1000000) TO (2000000);

CREATE TABLE position (
    consumer text NOT NULL,
    log text NOT NULL,
    position bigint NOT NULL,
    last_id text,
    moved_at timestamptz NOT NULL,
    PRIMARY KEY (consumer, log)
) WITH (fillfactor = 50);

CREATE TABLE lane (
    id bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
    consumer text NOT NULL,
    source text NOT NULL,
    topic text NOT NULL,
    subject text NOT NULL,
    sequence bigint NOT NULL,
    last_id text,
    state text CHECK (state IN ('waiting', 'gap', 'retrying', 'parked')),
    cause text,
    detail text,
    attempts int NOT NULL DEFAULT 0,
    next_try_at timestamptz,
    since timestamptz,
    PRIMARY KEY (consumer, source, topic, subject)
) WITH (fillfactor = 70);

CREATE INDEX lane_not_flowing ON lane (consumer, next_try_at) WHERE state IS NOT NULL;

CREATE TABLE held (
    consumer text NOT NULL,
    source text NOT NULL,
    topic text NOT NULL,
    subject text NOT NULL,
    sequence bigint NOT NULL,
    event_id text NOT NULL,
    record json NOT NULL,
    held_at timestamptz NOT NULL,
    PRIMARY KEY (consumer, source, topic, subject, sequence)
);

CREATE TABLE discarded (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    consumer text NOT NULL,
    source text NOT NULL,
    topic text NOT NULL,
    subject text NOT NULL,
    sequence bigint NOT NULL,
    record json,
    reason text NOT NULL,
    discarded_by text NOT NULL,
    discarded_at timestamptz NOT NULL
);

CREATE TABLE idempotency (
    key text NOT NULL,
    principal text NOT NULL,
    fingerprint text NOT NULL,
    status int NOT NULL,
    body json,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (principal, key)
);

INSERT INTO chassis_version (version_num) VALUES ('0001') RETURNING chassis_version.version_num;

-- Running upgrade 0001 -> 0002

CREATE INDEX idempotency_created ON idempotency (created_at);

UPDATE chassis_version SET version_num='0002' WHERE chassis_version.version_num = '0001';

-- Running upgrade 0002 -> 0003

CREATE TABLE denial (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at timestamptz NOT NULL,
    method text NOT NULL,
    route text NOT NULL,
    ids jsonb NOT NULL,
    sub text NOT NULL,
    reason text NOT NULL,
    times int NOT NULL,
    trace_id text
);

CREATE INDEX denial_at ON denial (at);

UPDATE chassis_version SET version_num='0003' WHERE chassis_version.version_num = '0002';

-- Running upgrade 0003 -> 0004

ALTER TABLE lane DROP CONSTRAINT lane_pkey, ADD PRIMARY KEY (subject, topic, source, consumer);

ALTER TABLE lane DROP CONSTRAINT lane_id_key;

CREATE INDEX lane_id ON lane USING brin (id);

UPDATE chassis_version SET version_num='0004' WHERE chassis_version.version_num = '0003';
