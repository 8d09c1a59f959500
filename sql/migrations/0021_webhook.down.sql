drop table feed.webhook_delivery, feed.webhook, board.webhook;
revoke usage on schema feed from cairn_projector;
