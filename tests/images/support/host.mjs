// Runs the host: with its image as its only root directory, and answers over HTTP.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { RESOLVER } from './names.mjs';

const PORT = 8080;

export class Host {
  log = '';
  url = `http://127.0.0.1:${PORT}`;
  #child;

  // As the user that the image names, with only `variables` and what a platform adds: the address of the resolver.
  static async start({ root, config }, variables) {
    const host = new Host();
    mkdirSync(join(root, 'etc'), { recursive: true });
    writeFileSync(join(root, 'etc/resolv.conf'), `nameserver ${RESOLVER}\n`);
    const [user, group] = config.config.User.split(':');
    const inside = ['--user', `--map-user=${user}`, `--map-group=${group}`, `--root=${root}`, '--wd=/'];
    const stdio = ['ignore', 'pipe', 'pipe'];
    const env = { ...variables, PATH: process.env.PATH };
    host.#child = spawn('unshare', [...inside, '--', ...config.config.Entrypoint], { env, stdio });
    for (const stream of [host.#child.stdout, host.#child.stderr]) {
      stream.setEncoding('utf8').on('data', (text) => (host.log += text));
    }
    await host.until(() => host.log.includes('the host listens'));
    return host;
  }

  async until(found) {
    for (let tries = 0; tries < 300; tries += 1) {
      const value = await found();
      if (value) return value;
      if (this.#child.exitCode !== null) break;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    throw new Error(`it does not come to that:\n${this.log}`);
  }

  // Asks it to end, and returns its exit code.
  async stop() {
    this.#child.kill('SIGTERM');
    if (this.#child.exitCode === null) await once(this.#child, 'exit');
    return this.#child.exitCode;
  }
}
