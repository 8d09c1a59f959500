drop table feed.webhook_delivery, feed.webhook, board.webhook;
revoke usage on schema feed from cairn_projector;
comment on schema feed is 'Durable consumers of the log: their cursors and what they have in hand.';
-- The projection begins anew with the table, and so do its copies.
drop table if exists board_next.webhook, board_previous.webhook, board_compare.webhook;
delete from projection.revision where name = 'webhook_board';
delete from projection.checkpoint where split_part(name, '@', 1) = 'webhook_board';
delete from projection.lease where split_part(name, '@', 1) = 'webhook_board';
delete from projection.dead_letter where split_part(name, '@', 1) = 'webhook_board';
delete from projection.state where split_part(name, '@', 1) = 'webhook_board';
