// Two instances of the host on the same stores: one of them at a time finishes what requests have left.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { describe, test } from 'node:test';
import { DEMO, pause } from '../support/api.mjs';
import { binaries } from '../support/binaries.mjs';
import { Client } from '../support/client.mjs';
import { redis } from '../support/redis.mjs';

// Longer than a lease lasts, with time for what comes after it.
const PATIENCE = 40_000;

export function instances(api) {
  // Not the shell that holds it, whose command line ends in the same way.
  const first = () => api.processes().find(({ command }) => /^\S*\/debug\/host$/.test(command)).pid;

  // A session whose ending was asked for while Redis took no writes. No client repeats it.
  const givenUp = async () => {
    const client = new Client(api);
    assert.equal((await client.login(DEMO)).status, 200);
    const refuse = (number) => redis(api.settings.REDIS_URL, 'CONFIG', 'SET', 'min-replicas-to-write', number);
    await refuse('1');
    assert.equal((await client.post('/logout')).status, 503);
    await refuse('0');
    return client;
  };
  const finished = async (client) => {
    await until('the ending is finished', async () => (await client.get('/me')).status === 401);
  };

  describe('a second instance of the host', () => {
    test('takes the work over from one that is frozen, and gives it back by being killed', async () => {
      const second = await Instance.start(api);
      try {
        process.kill(first(), 'SIGSTOP');
        await until('the second works', () => second.output.includes('this instance does the background work'));
        process.kill(first(), 'SIGCONT');
        await until('the first has noticed', () => api.printed.includes('another instance does the background work now'));
        await finished(await givenUp());
      } finally {
        process.kill(first(), 'SIGCONT');
        await second.kill();
      }
      await finished(await givenUp());
    });
  });
}

class Instance {
  output = '';

  // One more process, with the settings of the first.
  static async start(api) {
    const instance = new Instance();
    const listener = createServer().listen(0, '127.0.0.1');
    await once(listener, 'listening');
    const { port } = listener.address();
    listener.close();
    const env = { ...api.settings, HOST: '127.0.0.1', PORT: String(port) };
    instance.child = spawn(`${binaries()}/host`, [], { env, stdio: ['ignore', 'pipe', 'inherit'] });
    instance.child.stdout.setEncoding('utf8').on('data', (text) => (instance.output += text));
    await until('it listens', () => instance.output.includes('the host listens'));
    return instance;
  }

  async kill() {
    this.child.kill('SIGKILL');
    if (this.child.exitCode === null && this.child.signalCode === null) await once(this.child, 'exit');
  }
}

async function until(what, found) {
  for (let waited = 0; waited < PATIENCE; waited += 100) {
    if (await found()) return;
    await pause(100);
  }
  throw new Error(`not within ${PATIENCE / 1000} seconds: ${what}`);
}
