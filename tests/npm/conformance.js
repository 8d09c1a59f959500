// Others' implementations read what Cairn publishes: the SDK of CloudEvents every event of the log,
// the library of Standard Webhooks every delivery.
// Usage: node conformance.js URL TOKEN, with NODE_PATH naming the modules of package-lock.json
'use strict';
const http = require('node:http');
const assert = require('node:assert');
const { randomUUID } = require('node:crypto');
const { CloudEvent, HTTP } = require('cloudevents');
const { Webhook } = require('standardwebhooks');

const [url, token] = process.argv.slice(2);
const batch = 'application/cloudevents-batch+json';
const wait_milliseconds = 20_000;

async function call(method, path, body, headers = {}) {
  const answer = await fetch(url + path, {
    method,
    headers: {
      authorization: `Bearer ${token}`,
      ...(method === 'GET' ? {} : { 'idempotency-key': randomUUID() }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  assert.ok(answer.ok, `${method} ${path}: ${answer.status}`);
  return answer;
}

/** Every event of the log, as the batches of the feed give them. */
async function checkFeed() {
  let path = '/v1/events?limit=500', count = 0;
  while (path) {
    const answer = await call('GET', path, undefined, { accept: batch });
    const type = answer.headers.get('content-type');
    assert.ok(type.startsWith(batch), type);
    const next = /<([^>]+)>;\s*rel="next"/.exec(answer.headers.get('link') ?? '');
    const body = await answer.text();
    if (JSON.parse(body).length === 0) break;
    const events = HTTP.toEvent({ headers: { 'content-type': type }, body });
    for (const event of events) assert.ok(event.validate(), event.id);
    count += events.length;
    path = next && next[1];
  }
  assert.ok(count > 1, 'a page of the demo');
  return count;
}

/** Keeps what arrives, and answers 204. */
async function receiver() {
  const arrived = [];
  const server = http.createServer((request, response) => {
    let body = '';
    request.on('data', (bytes) => { body += bytes; });
    request.on('end', () => {
      arrived.push({ headers: request.headers, body });
      response.writeHead(204).end();
    });
  });
  await new Promise((listening) => server.listen(0, '127.0.0.1', listening));
  return { arrived, server, url: `http://127.0.0.1:${server.address().port}/hook` };
}

async function until(holds, what) {
  const end = Date.now() + wait_milliseconds;
  while (!holds()) {
    assert.ok(Date.now() < end, `no ${what} in time`);
    await new Promise((passed) => setTimeout(passed, 20));
  }
}

function verifies(secret, { headers, body }) {
  try {
    new Webhook(secret).verify(body, headers);
    return true;
  } catch {
    return false;
  }
}

function checkDelivery(secret, delivery) {
  assert.ok(verifies(secret, delivery), 'the signature verifies');
  assert.ok(!verifies(secret, { ...delivery, body: delivery.body + ' ' }), 'not another body');
  const stranger = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
  assert.ok(!verifies(stranger, delivery), 'not another secret');
  const event = HTTP.toEvent(delivery);
  assert.ok(event instanceof CloudEvent && event.validate());
  assert.strictEqual(event.id, delivery.headers['webhook-id']);
}

async function checkWebhooks() {
  const { arrived, server, url: address } = await receiver();
  const made = await (await call('POST', '/v1/webhooks', { url: address })).json();
  const metric = () => call('POST', '/v1/metrics',
    { key: `m_${randomUUID().slice(0, 8)}`, name: 'Conformance', unit: 'count' });
  await metric();
  await until(() => arrived.length >= 1, 'delivery');
  arrived.forEach((delivery) => checkDelivery(made.secret, delivery));

  const before = arrived.length;
  const path = `/v1/webhooks/${made.id}`;
  const rotated = await (await call('POST', `${path}/rotate-secret`)).json();
  await call('GET', path, undefined, {});
  await until(() => arrived.length > before, 'delivery of the rotation');
  await metric();
  await until(() => arrived.length > before + 1, 'delivery after the rotation');
  const last = arrived.at(-1);
  checkDelivery(made.secret, last);
  checkDelivery(rotated.secret, last);

  const tested = await (await call('POST', `${path}/test`)).json();
  assert.strictEqual(tested.delivered, true);
  checkDelivery(rotated.secret, arrived.find((one) => one.headers['webhook-id'] === tested.id));
  await call('DELETE', path);
  server.close();
  return arrived.length;
}

(async () => {
  const events = await checkFeed();
  const deliveries = await checkWebhooks();
  console.log(`${events} CloudEvents validate, ${deliveries} deliveries verify`);
})().catch((error) => {
  console.error(error);
  process.exit(1);
});
