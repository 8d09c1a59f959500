drop extension if exists pg_cron;
drop extension if exists age cascade;
drop extension if exists vector;
drop extension if exists timescaledb;
