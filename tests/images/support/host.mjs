// Runs the host: with its image as its only root directory, and answers over HTTP.

import { once } from 'node:events';
import { program } from './program.mjs';

const PORT = 8080;

export class Host {
  static url = `http://localhost:${PORT}`;
  log = '';
  #child;

  // With only `variables`.
  static async start(image, variables) {
    const host = new Host();
    const env = { ...variables, PATH: process.env.PATH };
    host.#child = program(image, env, (text) => (host.log += text));
    for (let tries = 0; host.#child.exitCode === null && tries < 300; tries += 1) {
      if (host.log.includes('the host listens')) return host;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    host.#child.kill();
    throw new Error(`the host does not listen:\n${host.log}`);
  }

  // Asks it to end, and returns its exit code.
  async stop() {
    this.#child.kill('SIGTERM');
    if (this.#child.exitCode === null) await once(this.#child, 'exit');
    return this.#child.exitCode;
  }
}
