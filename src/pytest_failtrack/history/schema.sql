-- The history: what is kept of records and runs, on SQLite and on PostgreSQL.
--
-- On a laptop it is `.failtrack/history.sqlite`: an index over the evidence files, a cache that can
-- be removed at any time (C-11). On PostgreSQL it is the shared history of an organization, which
-- holds the documents themselves.
--
-- Version 1: records, aliases, causes, runs, passes, unusable, state.
-- Version 2: records.cause_id, so that a cause keeps its id from run to run.
-- Version 3: records.outcome, runs.revision, runs.started_at: what a commit was seen to do.
-- Version 4: PostgreSQL beside SQLite, tenants, the columns that questions ask for, changes,
--            failure_matches, recovery_candidates, operational_events.
--
-- On SQLite the version is `PRAGMA user_version`, the owner `PRAGMA application_id` (sqlite.py); an
-- index of an older version is made anew from the evidence. On PostgreSQL it is Alembic's
-- (migrations/). One of a newer version is left alone.
--
-- The text is PostgreSQL's; dialect.py says it in SQLite's words, where times are seconds since
-- 1970. A line that ends with `-- postgresql` or `-- sqlite` is for that one alone. Texts that are
-- not known are empty, never null; numbers and times that are not known are null.

-- One row a record.
create table records (
    tenant_id     text not null,      -- slug of the repository (C-27); `` in a local index
    failure_id    uuid not null,
    size          bigint,             -- of the file, as it was read: with mtime_ns, whether to
    mtime_ns      bigint,             -- read it again; null where there is no file
    build_id      text not null,
    build_attempt integer not null,
    occurred_at   timestamptz not null,
    category      text not null,
    subcategory   text not null,
    severity      text not null,
    failure_type  text not null,
    error_code    text not null,      -- type of the exception, or code of the tool
    phase         text not null,
    component     text not null,
    file_path     text not null,
    nodeid        text not null,
    outcome       text not null,      -- of the test: `failed`, `error`, `flaky`, `debt`, ...
    attempt       integer not null,
    duration_seconds double precision not null,
    hash          text not null,      -- 12 hex digits of the signature
    cause_id      text not null,      -- 12 hex digits of the cause that it was shown under
    workflow      text not null,
    job           text not null,
    step          text not null,
    leg           text not null,
    branch        text not null,
    lane          text not null,      -- branch, workflow, job and leg: where a pass ends a failure
    revision      text not null,      -- commit under test
    pr            text not null,
    confidence    double precision not null,
    match_type    text not null,
    catalog_entry_id text not null,
    is_retryable  boolean not null,
    recovery_mode text not null,
    novelty       text not null,      -- FIRST, NEW, KNOWN, REPEAT (C-34)
    occurrence    integer not null,
    is_repeat     boolean not null,
    tier          integer not null,   -- of the escalation: 0, 1, 2
    status        text not null,      -- what follows is edited in the record's life
    analysis_status text not null,
    owner         text not null,
    priority      text not null,
    due_at        timestamptz,        -- deadline of the SLA
    sla_source    text not null,
    is_healed     boolean not null,   -- its issue was closed after a green while (C-10)
    healed_at     timestamptz,
    resolved_at   timestamptz,
    resolution_type text not null,
    resolved_by   text not null,
    measures      integer not null,   -- number of prevention measures, of updates of governance,
    governance_updates integer not null,
    preconditions integer not null,   -- of preconditions, and of tests that were added
    test_additions integer not null,
    primary key (tenant_id, failure_id)  -- sqlite
    primary key (tenant_id, failure_id, occurred_at)  -- postgresql
)
partition by range (occurred_at)  -- postgresql
;

-- Occurrences of a signature, the newest first, without a look at the table for the rest.
create index records_by_hash on records (tenant_id, hash, occurred_at);
-- The few that may be reopened (S0-110).
create index records_by_status on records (tenant_id, status, hash);
-- Tests with an open record; the query reads nothing but this.
create index records_by_nodeid on records (tenant_id, status, nodeid, occurred_at);
-- "Is there anything from another build?"
create index records_by_build on records (tenant_id, build_id);
-- The newest records, and those of a while.
create index records_by_time on records (tenant_id, occurred_at);

-- Which records there are, and when each occurred: a partitioned table cannot say that an id is
-- there once.
create table record_keys (  -- postgresql
    tenant_id   text not null,  -- postgresql
    failure_id  uuid not null,  -- postgresql
    occurred_at timestamptz not null,  -- postgresql
    primary key (tenant_id, failure_id)  -- postgresql
);  -- postgresql

-- The records themselves, as the bytes of their files (C-11).
create table documents (  -- postgresql
    tenant_id   text not null,  -- postgresql
    failure_id  uuid not null,  -- postgresql
    occurred_at timestamptz not null,  -- postgresql
    document    text not null,  -- postgresql
    primary key (tenant_id, failure_id, occurred_at)  -- postgresql
) partition by range (occurred_at);  -- postgresql

-- Digits that a signature had, or will have, under another version of normalization (C-6).
create table aliases (
    tenant_id text not null,
    alias     text not null,
    hash      text not null,
    primary key (tenant_id, alias, hash)
);
create index aliases_by_hash on aliases (tenant_id, hash);

-- What similarity is searched in: one row a signature and class, however many its records.
create table causes (
    tenant_id   text not null,
    hash        text not null,
    category    text not null,
    subcategory text not null,
    token       text not null,
    last_at     timestamptz not null,
    primary key (tenant_id, hash, category, subcategory)
);
create index causes_by_class on causes (tenant_id, category, subcategory, last_at);

-- One row a run document: green runs are history too, or the first failure would be FIRST.
create table runs (
    tenant_id   text not null,
    name        text not null,        -- of the file
    size        bigint,
    mtime_ns    bigint,
    build_id    text not null,
    source      text not null,        -- pytest, command, report
    revision    text not null,        -- commit under test
    workflow    text not null,
    job         text not null,
    leg         text not null,
    branch      text not null,
    started_at  timestamptz not null,
    finished_at timestamptz,
    exit_status bigint,              -- Windows gives up to 2^32
    is_complete boolean not null,
    collected   integer not null,     -- totals of the run
    passed      integer not null,
    failed      integer not null,
    errors      integer not null,
    skipped     integer not null,
    flaky       integer not null,
    causes      integer not null,     -- number of them
    is_recovered boolean not null,    -- a later attempt of the command succeeded (S2-28)
    primary key (tenant_id, name)
);
-- The newest runs of a commit; their documents say the rest.
create index runs_by_revision on runs (tenant_id, revision, started_at);
create index runs_by_time on runs (tenant_id, started_at);
create index runs_by_build on runs (tenant_id, build_id);

create table run_documents (  -- postgresql
    tenant_id text not null,  -- postgresql
    name      text not null,  -- postgresql
    document  text not null,  -- postgresql
    primary key (tenant_id, name)  -- postgresql
);  -- postgresql

-- Tests with an open record that passed.
create table passes (
    tenant_id text not null,
    name      text not null,          -- of the run document that says so
    nodeid    text not null,
    lane      text not null,
    passed_at timestamptz not null,   -- start of the run, so that its own failures are later
    primary key (tenant_id, nodeid, lane, passed_at, name)
)
partition by range (passed_at)  -- postgresql
;
create index passes_by_name on passes (tenant_id, name);

-- The record's own history: who changed what, when.
create table changes (
    tenant_id  text not null,
    event_id   uuid not null,         -- derived from its content: read twice, it is there once
    failure_id uuid not null,
    at         timestamptz not null,
    actor      text not null,
    action     text not null,
    before     text not null,
    after      text not null,
    document   text not null,         -- the whole event as JSON
    primary key (tenant_id, event_id)
);
create index changes_by_record on changes (tenant_id, failure_id, at);
create index changes_by_time on changes (tenant_id, at);

-- Files of changes, as they were read.
create table change_files (  -- sqlite
    name     text primary key,  -- sqlite
    size     integer not null,  -- sqlite
    mtime_ns integer not null  -- sqlite
);  -- sqlite

-- What the catalog said of an error, and what came of trying to recover (S2-13).
create table failure_matches (
    id uuid primary key default gen_random_uuid(),
    run_id text not null,
    tenant_id text,
    error_code text not null,
    error_message text,
    catalog_entry_id text,
    match_type text not null default 'unknown',
    confidence_score float not null default 0.0,
    category text,
    severity text,
    is_retryable boolean default false,
    recovery_mode text,
    recovery_suggestion text,
    recovery_attempted boolean default false,
    recovery_succeeded boolean default false,
    skill_id text,
    step_index integer,
    context jsonb default '{}',
    created_at timestamptz default now(),
    updated_at timestamptz default now()
);
create index idx_fm_run_id on failure_matches (run_id);
create index idx_fm_error_code on failure_matches (error_code);
create index idx_fm_catalog_entry on failure_matches (catalog_entry_id);
create index idx_fm_created_at on failure_matches (created_at);
create index idx_fm_unmatched on failure_matches (error_code, created_at)
    where match_type = 'unknown';
create index idx_fm_recovery_pending on failure_matches (created_at)
    where recovery_attempted = false and recovery_mode is not null;

-- How often a way to recover was tried for an error, and helped (S2-92).
create table recovery_candidates (
    tenant_id        text not null,
    error_code       text not null,
    category         text not null,
    catalog_entry_id text not null,
    recovery_mode    text not null,
    attempts         integer not null,
    successes        integer not null,
    confidence       double precision not null,  -- 0 to 1, see docs/history.md
    updated_at       timestamptz not null,
    primary key (tenant_id, error_code, category, catalog_entry_id, recovery_mode)
);

-- What the history has to say of itself: a query over its limit, clocks that disagree.
create table operational_events (
    tenant_id text not null,
    event_id  uuid not null,
    at        timestamptz not null,
    kind      text not null,
    detail    text not null,          -- JSON
    primary key (tenant_id, event_id)
);
create index operational_events_by_time on operational_events (tenant_id, at);

-- Files that are no documents, with the reason; they are read again when they change.
create table unusable (  -- sqlite
    path     text primary key,      -- sqlite
    size     integer not null,  -- sqlite
    mtime_ns integer not null,  -- sqlite
    reason   text not null  -- sqlite
);  -- sqlite

-- What a sync has seen: the modification time of each folder when nothing could follow in it.
create table state (
    name  text primary key,
    value text not null
);
