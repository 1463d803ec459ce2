-- The local index over the evidence files: a cache that can be removed at any time (C-11).
--
-- Version 1: records, aliases, causes, runs, passes, unusable, state.
-- Version 2: records.cause_id, so that a cause keeps its id from run to run.
-- Version 3: records.outcome, runs.revision, runs.started_at: what a commit was seen to do.
--
-- The version is `PRAGMA user_version`, the owner `PRAGMA application_id` (database.py). An index
-- of an older version is made anew from the evidence; one of a newer version is left alone.
-- Times are seconds since 1970, UTC. Texts that are not known are empty, never null.

-- One row a record file.
create table records (
    failure_id   text primary key,
    size         integer not null,  -- of the file, as it was read: with mtime_ns, whether to
    mtime_ns     integer not null,  -- read it again
    build_id     text not null,
    occurred_at  real not null,
    category     text not null,
    subcategory  text not null,
    component    text not null,
    file_path    text not null,
    nodeid       text not null,
    outcome      text not null,     -- of the test: `failed`, `error`, `flaky`, ...
    hash         text not null,     -- 12 hex digits of the signature
    cause_id     text not null,     -- 12 hex digits of the cause that it was shown under
    status       text not null,
    branch       text not null,
    lane         text not null,     -- branch, workflow, job and leg: where a pass ends a failure
    is_healed    integer not null   -- its issue was closed after a green while (C-10)
);

-- Occurrences of a signature, the newest first, without a look at the table for the rest.
create index records_by_hash on records (hash, occurred_at);
-- The few that may be reopened (S0-110).
create index records_by_status on records (status, hash);
-- Tests with an open record; the query reads nothing but this.
create index records_by_nodeid on records (status, nodeid, occurred_at);
-- "Is there anything from another build?"
create index records_by_build on records (build_id);

-- Digits that a signature had, or will have, under another version of normalization (C-6).
create table aliases (
    alias text not null,
    hash  text not null,
    primary key (alias, hash)
);

-- What similarity is searched in: one row a signature and class, however many its records.
create table causes (
    hash        text not null,
    category    text not null,
    subcategory text not null,
    token       text not null,
    last_at     real not null,
    primary key (hash, category, subcategory)
);
create index causes_by_class on causes (category, subcategory, last_at);

-- One row a run document: green runs are history too, or the first failure would be FIRST.
create table runs (
    name     text primary key,      -- of the file
    size     integer not null,
    mtime_ns integer not null,
    build_id text not null,
    revision text not null,         -- commit under test
    started_at real not null
);
-- The newest runs of a commit; their documents say the rest.
create index runs_by_revision on runs (revision, started_at);

-- Tests with an open record that passed.
create table passes (
    name      text not null,        -- of the run document that says so
    nodeid    text not null,
    lane      text not null,
    passed_at real not null,        -- start of the run, so that its own failures are later
    primary key (nodeid, lane, passed_at, name)
);
create index passes_by_name on passes (name);

-- Files that are no documents, with the reason; they are read again when they change.
create table unusable (
    path     text primary key,      -- `records/<name>` or `runs/<name>`
    size     integer not null,
    mtime_ns integer not null,
    reason   text not null
);

-- What a sync has seen: the modification time of each folder when nothing could follow in it.
create table state (
    name  text primary key,
    value text not null
);
