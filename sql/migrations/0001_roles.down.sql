-- The roles stay: other databases of the cluster may use them.
drop schema keys, projection, board, log, cairn cascade;
revoke create on database :database from cairn_owner;
grant temporary on database :database to public;
grant usage on schema public to public;
