-- Generated from the migrations by `make docs`; `make check` fails when it is stale.

CREATE TABLE service_version (
    version_num VARCHAR(32) NOT NULL,
    CONSTRAINT service_version_pkc PRIMARY KEY (version_num)
);

-- Running upgrade  -> 0001

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
        );

CREATE INDEX ix_project_name_key ON project (name_key);

CREATE INDEX ix_project_import_key ON project (import_key);

CREATE INDEX ix_project_uscc ON project USING gin (uscc) WHERE uscc <> '{}';

CREATE INDEX ix_project_project_codes ON project USING gin (project_codes) WHERE project_codes <> '{}';

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
        );

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
        );

CREATE INDEX ix_fact_project_id ON fact (project_id);

CREATE TABLE unavailable (
            project_id text NOT NULL,
            department text NOT NULL,
            dataset text NOT NULL,
            reason text NOT NULL,
            asked_at timestamptz NOT NULL,
            ask_again_at timestamptz,
            PRIMARY KEY (project_id, department, dataset)
        );

CREATE TABLE import_report (
            id text PRIMARY KEY,
            source text NOT NULL,
            sha256 text NOT NULL,
            imported_at timestamptz NOT NULL,
            recorded_at timestamptz NOT NULL,
            imported_by text NOT NULL,
            summary jsonb NOT NULL,
            rows jsonb NOT NULL
        );

CREATE INDEX ix_import_report_sha256 ON import_report (sha256);

INSERT INTO service_version (version_num) VALUES ('0001') RETURNING service_version.version_num;
