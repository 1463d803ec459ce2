-- The schema of version 4 as PostgreSQL has it; never edited: changes are new revisions.

create table records (
    tenant_id     text not null,
    failure_id    uuid not null,
    size          bigint,
    mtime_ns      bigint,
    build_id      text not null,
    build_attempt integer not null,
    occurred_at   timestamptz not null,
    category      text not null,
    subcategory   text not null,
    severity      text not null,
    failure_type  text not null,
    error_code    text not null,
    phase         text not null,
    component     text not null,
    file_path     text not null,
    nodeid        text not null,
    outcome       text not null,
    attempt       integer not null,
    duration_seconds double precision not null,
    hash          text not null,
    cause_id      text not null,
    workflow      text not null,
    job           text not null,
    step          text not null,
    leg           text not null,
    branch        text not null,
    lane          text not null,
    revision      text not null,
    pr            text not null,
    confidence    double precision not null,
    match_type    text not null,
    catalog_entry_id text not null,
    is_retryable  boolean not null,
    recovery_mode text not null,
    novelty       text not null,
    occurrence    integer not null,
    is_repeat     boolean not null,
    tier          integer not null,
    status        text not null,
    analysis_status text not null,
    owner         text not null,
    priority      text not null,
    due_at        timestamptz,
    sla_source    text not null,
    is_healed     boolean not null,
    healed_at     timestamptz,
    resolved_at   timestamptz,
    resolution_type text not null,
    resolved_by   text not null,
    measures      integer not null,
    governance_updates integer not null,
    preconditions integer not null,
    test_additions integer not null,
    primary key (tenant_id, failure_id, occurred_at)
)
partition by range (occurred_at);

create index records_by_hash on records (tenant_id, hash, occurred_at);

create index records_by_status on records (tenant_id, status, hash);

create index records_by_nodeid on records (tenant_id, status, nodeid, occurred_at);

create index records_by_build on records (tenant_id, build_id);

create index records_by_time on records (tenant_id, occurred_at);

create table record_keys (
    tenant_id   text not null,
    failure_id  uuid not null,
    occurred_at timestamptz not null,
    primary key (tenant_id, failure_id)
);

create table documents (
    tenant_id   text not null,
    failure_id  uuid not null,
    occurred_at timestamptz not null,
    document    text not null,
    primary key (tenant_id, failure_id, occurred_at)
) partition by range (occurred_at);

create table aliases (
    tenant_id text not null,
    alias     text not null,
    hash      text not null,
    primary key (tenant_id, alias, hash)
);

create index aliases_by_hash on aliases (tenant_id, hash);

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

create table runs (
    tenant_id   text not null,
    name        text not null,
    size        bigint,
    mtime_ns    bigint,
    build_id    text not null,
    source      text not null,
    revision    text not null,
    workflow    text not null,
    job         text not null,
    leg         text not null,
    branch      text not null,
    started_at  timestamptz not null,
    finished_at timestamptz,
    exit_status bigint,
    is_complete boolean not null,
    collected   integer not null,
    passed      integer not null,
    failed      integer not null,
    errors      integer not null,
    skipped     integer not null,
    flaky       integer not null,
    causes      integer not null,
    is_recovered boolean not null,
    primary key (tenant_id, name)
);

create index runs_by_revision on runs (tenant_id, revision, started_at);

create index runs_by_time on runs (tenant_id, started_at);

create index runs_by_build on runs (tenant_id, build_id);

create table run_documents (
    tenant_id text not null,
    name      text not null,
    document  text not null,
    primary key (tenant_id, name)
);

create table passes (
    tenant_id text not null,
    name      text not null,
    nodeid    text not null,
    lane      text not null,
    passed_at timestamptz not null,
    primary key (tenant_id, nodeid, lane, passed_at, name)
)
partition by range (passed_at);

create index passes_by_name on passes (tenant_id, name);

create table changes (
    tenant_id  text not null,
    event_id   uuid not null,
    failure_id uuid not null,
    at         timestamptz not null,
    actor      text not null,
    action     text not null,
    before     text not null,
    after      text not null,
    document   text not null,
    primary key (tenant_id, event_id)
);

create index changes_by_record on changes (tenant_id, failure_id, at);

create index changes_by_time on changes (tenant_id, at);

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

create table recovery_candidates (
    tenant_id        text not null,
    error_code       text not null,
    category         text not null,
    catalog_entry_id text not null,
    recovery_mode    text not null,
    attempts         integer not null,
    successes        integer not null,
    confidence       double precision not null,
    updated_at       timestamptz not null,
    primary key (tenant_id, error_code, category, catalog_entry_id, recovery_mode)
);

create table operational_events (
    tenant_id text not null,
    event_id  uuid not null,
    at        timestamptz not null,
    kind      text not null,
    detail    text not null,
    primary key (tenant_id, event_id)
);

create index operational_events_by_time on operational_events (tenant_id, at);

create table state (
    name  text primary key,
    value text not null
);

create function failtrack_make_month(moment timestamptz) returns void
language plpgsql security definer set search_path from current as $$
declare
    first_day date := date_trunc('month', moment at time zone 'UTC')::date;
    start_at text := to_char(first_day, 'YYYY-MM-DD') || ' 00:00:00+00';
    end_at text := to_char(first_day + interval '1 month', 'YYYY-MM-DD') || ' 00:00:00+00';
    parent text;
    child text;
begin
    foreach parent in array array['records', 'documents', 'passes'] loop
        child := parent || to_char(first_day, '_"y"YYYY"m"MM');
        if to_regclass(child) is null then
            -- Two who make the same month wait for each other here.
            perform pg_advisory_xact_lock(hashtext('failtrack ' || child));
            -- What the other has made meanwhile may not be seen yet by a look at its name.
            begin
                execute format(
                    'create table %I partition of %I for values from (%L) to (%L)',
                    child, parent, start_at, end_at
                );
            exception when duplicate_table then null;
            end;
        end if;
    end loop;
end
$$;
