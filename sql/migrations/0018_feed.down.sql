drop schema feed cascade;
drop index log.event_tenant;
