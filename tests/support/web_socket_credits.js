// Follows a feed over undici's web socket, grants credits in two portions, and prints what came:
// "<stream version>" an event, "granted <sum>" before each grant, "closed <code>" at the end.
//   node web_socket_credits.js PORT TARGET TOKEN
'use strict';
const { WebSocket } = require('undici');

const [port, target, token] = process.argv.slice(2);
const say = (line) => process.stdout.write(`${line}\n`);
const socket = new WebSocket(`ws://127.0.0.1:${port}${target}`, {
  headers: { Authorization: `Bearer ${token}` },
});
const grants = [3, 5];
let granted = 0;

function grantNext() {
  if (grants.length === 0) {
    socket.send('{"credit":"all"}');  // makes no sense: the server closes
    return;
  }
  const credit = grants.shift();
  granted += credit;
  say(`granted ${granted}`);
  socket.send(JSON.stringify({ credit }));
  // Long enough for more than was granted to show up, were it sent.
  setTimeout(grantNext, 400);
}

socket.addEventListener('open', () => setTimeout(grantNext, 300));
socket.addEventListener('message', ({ data }) => {
  const message = JSON.parse(data);
  if (message.specversion === '1.0') say(message.streamversion);
});
socket.addEventListener('close', ({ code }) => {
  say(`closed ${code}`);
  process.exit(0);
});
socket.addEventListener('error', () => say('error'));
setTimeout(() => process.exit(3), 20000).unref();
