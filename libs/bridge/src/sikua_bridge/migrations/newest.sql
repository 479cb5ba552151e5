-- Generated from the migrations by `make docs`; `make check` fails when it is stale.

CREATE TABLE service_version (
    version_num VARCHAR(32) NOT NULL,
    CONSTRAINT service_version_pkc PRIMARY KEY (version_num)
);

-- Running upgrade  -> 0001

CREATE TABLE known_project (
  project_id text PRIMARY KEY,
  name text NOT NULL,
  divisions text[] NOT NULL,
  active boolean NOT NULL,
  signature text NOT NULL,
  heard_at timestamptz NOT NULL
);

CREATE TABLE link (
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
);

CREATE INDEX link_key ON link (key_kind, key);

CREATE TABLE enquiry (
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
);

CREATE INDEX enquiry_key ON enquiry (key_kind, key);

CREATE INDEX enquiry_due ON enquiry (ask_at) WHERE ask_at IS NOT NULL;

CREATE TABLE statement (
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
);

CREATE INDEX statement_key ON statement (key_kind, key);

CREATE INDEX statement_project ON statement (project_id, stated_at);

CREATE TABLE quarantine (
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
);

INSERT INTO service_version (version_num) VALUES ('0001') RETURNING service_version.version_num;

-- Running upgrade 0001 -> 0002

ALTER TABLE enquiry ADD COLUMN fault text;

ALTER TABLE link DROP CONSTRAINT link_state_check;

ALTER TABLE link ADD CONSTRAINT link_state_check
  CHECK (state IN ('certain', 'pending', 'confirmed', 'rejected', 'ended'));

ALTER TABLE statement DROP CONSTRAINT statement_state_check;

ALTER TABLE statement ADD CONSTRAINT statement_state_check
  CHECK (state IN ('stated', 'held', 'released', 'withdrawn', 'unlinked', 'unavailable'));

ALTER TABLE quarantine DROP CONSTRAINT quarantine_state_check;

ALTER TABLE quarantine ADD CONSTRAINT quarantine_state_check CHECK (state IN ('open', 'resolved', 'released')),
  ADD COLUMN form text NOT NULL DEFAULT 'row' CHECK (form IN ('row', 'answer')),
  ADD COLUMN key_kind text,
  ADD COLUMN simulated boolean NOT NULL DEFAULT false;

UPDATE service_version SET version_num='0002' WHERE service_version.version_num = '0001';

-- Running upgrade 0002 -> 0003

CREATE TABLE fact_namespace (
  only_one boolean PRIMARY KEY DEFAULT true CHECK (only_one),
  namespace uuid NOT NULL
);

INSERT INTO fact_namespace (namespace)
SELECT CASE WHEN EXISTS (SELECT FROM statement) THEN '5e7a4c0e-6a55-5f0b-9a43-8d2f0c1b7e11'::uuid
  ELSE gen_random_uuid() END;

UPDATE service_version SET version_num='0003' WHERE service_version.version_num = '0002';
