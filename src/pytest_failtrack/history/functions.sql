-- Functions of the shared history on PostgreSQL.

-- Makes the partitions of one month, in UTC, where they are missing. Those who write may call it
-- without owning the tables.
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
