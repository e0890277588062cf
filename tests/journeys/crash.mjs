// Processes that die.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { DEMO, pause } from '../support/api.mjs';
import { Client } from '../support/client.mjs';
import { running } from '../support/processes.mjs';

export function crash(api) {
  describe('a function whose process is killed', () => {
    // The local gateway keeps several processes of a function. Unlike Lambda, it does not replace one that has ended,
    // so the last one is not killed.
    test('is served by its other processes, which know every session', async () => {
      const client = new Client(api);
      assert.equal((await client.login(DEMO)).status, 200);
      const serving = () => api.processes().filter(({ command }) => /\/debug\/me$/.test(command));
      assert.ok(serving().length > 1);
      while (serving().length > 1) {
        const [victim] = serving();
        process.kill(victim.pid, 'SIGKILL');
        // A request that the gateway had already passed to it would be lost.
        while (running([victim]).length > 0) await pause(10);
        assert.equal((await client.get('/me')).status, 200);
      }
    });
  });
}
