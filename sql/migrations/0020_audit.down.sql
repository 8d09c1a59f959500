drop index log.event_correlation, log.event_causation;
drop schema audit cascade;
