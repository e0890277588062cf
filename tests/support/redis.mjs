// One command to Redis, sent without a library (RESP2).

import { once } from 'node:events';
import { connect } from 'node:net';

// The reply as text: `OK`, a number, a value; null when there is none.
export async function redis(url, ...command) {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname).setEncoding('utf8');
  await once(socket, 'connect');
  const bulk = command.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join('');
  socket.write(`*${command.length}\r\n${bulk}`);
  const [reply] = await once(socket, 'data');
  socket.destroy();
  if (reply.startsWith('-')) throw new Error(reply.trim());
  if (reply === '$-1\r\n') return null;
  return reply.startsWith('$') ? reply.slice(reply.indexOf('\n') + 1, -2) : reply.slice(1, -2);
}
