drop function log.bytes_of(json);
