// Processes that die.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { DEMO, pause } from '../support/api.mjs';
import { Client } from '../support/client.mjs';
import { running } from '../support/processes.mjs';

export function crash(api) {
  describe('a function whose process is killed', () => {
    // The local gateway keeps several processes of a function and, unlike Lambda, starts none in place of one that has
    // ended: the last one is spared.
    test('is served by its other processes, which know every session', async () => {
      const client = new Client(api);
      assert.equal((await client.login(DEMO)).status, 200);
      const serving = () => api.processes().filter(({ command }) => /\/debug\/me$/.test(command));
      assert.ok(serving().length > 1);
      while (serving().length > 1) {
        const [victim] = serving();
        process.kill(victim.pid, 'SIGKILL');
        // A request that the gateway had handed to it would be lost with it.
        while (running([victim]).length > 0) await pause(10);
        assert.equal((await client.get('/me')).status, 200);
      }
    });
  });
}
