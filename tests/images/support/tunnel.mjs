// TLS in front of a server that does not speak it, like the stores' own endpoints in a deployment.

import { once } from 'node:events';
import { connect } from 'node:net';
import { createServer } from 'node:tls';

// `{ refused, close }`: `refused` counts the peers that did not accept the certificate.
export async function tunnel(port, target, { certificate, key }) {
  const open = new Set();
  const state = { refused: 0, used: 0, close };
  const server = createServer({ cert: certificate, key }, (peer) => {
    state.used += 1;
    const inner = connect(target);
    for (const [one, other] of [[peer, inner], [inner, peer]]) one.on('error', () => other.destroy()).pipe(other);
  });
  server.on('connection', (socket) => open.add(socket.once('close', () => open.delete(socket))));
  server.on('tlsClientError', () => (state.refused += 1));
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return state;

  function close() {
    server.close();
    for (const socket of open) socket.destroy();
  }
}
