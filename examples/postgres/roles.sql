-- Roles and grants of a shared failure history. Run once, as an administrator, in a new database:
--
--     createdb failures
--     psql --dbname failures --file roles.sql
--
-- Then give the three who log in their passwords (\password), or let them in by certificate.

-- Owns the tables, logs in never.
create role failtrack_owner nologin;
-- What people, dashboards and jobs may do.
create role failtrack_reader nologin;
create role failtrack_writer nologin in role failtrack_reader;

-- Who logs in: whoever migrates, the jobs of the CI, and people with their dashboards.
create role failtrack_migrate login in role failtrack_owner;
create role failtrack_ci login in role failtrack_writer;
create role failtrack_people login in role failtrack_reader;

-- Whatever is migrated belongs to the owner, whoever did it.
alter role failtrack_migrate set role failtrack_owner;

-- A job that went wild holds nobody else up.
alter role failtrack_ci connection limit 80;
alter role failtrack_people set default_transaction_read_only = on;
alter role failtrack_people set statement_timeout = '60s';

grant usage on schema public to failtrack_reader;
grant usage, create on schema public to failtrack_owner;

-- For all tables that will be made, the partitions of later months among them. Nobody is granted
-- `delete` or `truncate`: nothing of a history is ever deleted.
alter default privileges for role failtrack_owner in schema public
    grant select on tables to failtrack_reader;
alter default privileges for role failtrack_owner in schema public
    grant insert, update on tables to failtrack_writer;

-- Jobs make the partition of a new month through a function of the owner's, nobody else does.
alter default privileges for role failtrack_owner
    revoke execute on functions from public;
alter default privileges for role failtrack_owner in schema public
    grant execute on functions to failtrack_writer;
