// A resolver that knows a few names and remembers which names were asked for.

import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import packet from 'dns-packet';

// Not 127.0.0.1, where programs look if no setting names the resolver.
export const RESOLVER = '127.0.0.53';

export class Names {
  asked = new Set();
  #socket = createSocket('udp4');
  #known;

  // All names in `known` lead to this machine.
  static async serve(known) {
    const names = new Names();
    names.#known = known;
    names.#socket.on('message', (message, peer) => names.#answer(packet.decode(message), peer)).bind(53, RESOLVER);
    await once(names.#socket, 'listening');
    return names;
  }

  #answer({ id, questions }, peer) {
    const [{ name, type }] = questions;
    this.asked.add(name);
    const known = this.#known.includes(name);
    const answers = known && type === 'A' ? [{ name, type, ttl: 1, data: '127.0.0.1' }] : [];
    // RFC 1035 section 4.1.1: 3 says that the name does not exist.
    const flags = packet.RECURSION_DESIRED | packet.RECURSION_AVAILABLE | (known ? 0 : 3);
    this.#socket.send(packet.encode({ type: 'response', id, flags, questions, answers }), peer.port, peer.address);
  }

  close() {
    this.#socket.close();
  }
}
