// Follows a feed with npm's eventsource through a proxy that cuts the connection again and again,
// and prints the stream version of every event it was given.
//   node eventsource_cuts.js PORT TARGET TOKEN CUTS
//
// The proxy cuts behind a whole chunk of the answer, which holds whole events: eventsource 2 takes
// half an event into its next connection, so no server could make it see each event once. Cuts
// inside events are tried with a client that reads as the standard says.
'use strict';
const net = require('net');
const EventSource = require('eventsource');

const [port, target, token, wanted] = process.argv.slice(2);
let cuts = 0;
let given = 0;

// Counts the whole chunks at the front of `bytes`; how many bytes they are.
function wholeChunks(bytes) {
  let at = 0;
  for (;;) {
    const line = bytes.indexOf('\r\n', at);
    if (line < 0) return at;
    const size = parseInt(bytes.toString('latin1', at, line), 16);
    const end = line + 2 + size + 2;
    if (!(end <= bytes.length)) return at;
    at = end;
  }
}

const proxy = net.createServer((client) => {
  const server = net.connect(Number(port), '127.0.0.1');
  let held = Buffer.alloc(0);
  let inBody = false;
  let done = false;
  const end = () => {
    done = true;
    client.destroy();
    server.destroy();
  };
  const patience = cuts < wanted ? Math.random() * 60 : 0;
  const cutAt = Date.now() + patience;
  client.pipe(server);
  client.on('error', end).on('close', end);
  server.on('error', end).on('close', end);
  server.on('data', (bytes) => {
    if (done) return;
    held = Buffer.concat([held, bytes]);
    if (!inBody) {
      const head = held.indexOf('\r\n\r\n');
      if (head < 0) return;
      client.write(held.subarray(0, head + 4));
      held = held.subarray(head + 4);
      inBody = true;
    }
    const whole = wholeChunks(held);
    if (whole > 0) client.write(held.subarray(0, whole));
    held = held.subarray(whole);
    if (cuts < wanted && Date.now() >= cutAt) {
      cuts += 1;
      done = true;
      client.end();  // what was written still arrives
      server.destroy();
    }
  });
});

proxy.listen(0, '127.0.0.1', () => {
  const source = new EventSource(`http://127.0.0.1:${proxy.address().port}${target}`, {
    headers: { Authorization: `Bearer ${token}` },
  });
  // The server asks for seconds between two attempts: that is for crowds, not for a test.
  Object.defineProperty(source, 'reconnectInterval', { get: () => 1, set: () => {} });
  let after = 0;
  source.addEventListener('test.happened', (event) => {
    process.stdout.write(`${JSON.parse(event.data).streamversion}\n`);
    given += 1;
    if (cuts >= wanted) after += 1;
    if (after < 20 || given <= wanted) return;
    source.close();
    process.stdout.write(`cuts ${cuts}\n`, () => process.exit(0));
  });
});
setTimeout(() => process.exit(3), 30000 + wanted * 300).unref();
