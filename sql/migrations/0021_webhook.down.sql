drop table feed.webhook_delivery, feed.webhook, board.webhook;
revoke usage on schema feed from cairn_projector;
comment on schema feed is 'Durable consumers of the log: their cursors and what they have in hand.';
