-- Why:   who reads the log stops at so many bytes, and asks how long an event is without unpacking it.
-- Locks: none that anyone waits for.
-- `json` lies in memory as `text` does, so the function behind octet_length(text) tells its length;
-- a cast to text would unpack and copy each event for it. Only a superuser may say so.

create function log.bytes_of(data json) returns int
    language internal immutable strict parallel safe
as 'textoctetlen';
comment on function log.bytes_of(json) is 'The bytes of an event''s data, told by their header alone.';
