// Many requests at once, through several processes of each function.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Client, SESSION } from '../support/client.mjs';

const MANY = 20;

export function crowd(api) {
  describe('twenty browsers at once', () => {
    const account = { email: 'crowd@example.com', password: 'many hands, one account' };
    const clients = Array.from({ length: MANY }, () => new Client(api));
    const statuses = async (ask) => (await Promise.all(clients.map(ask))).map(({ status }) => status);
    const all = (status) => Array(MANY).fill(status);

    test('each signs in to a session of its own', async () => {
      await api.addUser(account.email, account.password);
      assert.deepEqual(await statuses((client) => client.login(account)), all(200));
      const tokens = await Promise.all(clients.map((client) => client.cookie(SESSION)));
      assert.equal(new Set(tokens).size, MANY);
      assert.deepEqual(await statuses((client) => client.get('/me')), all(200));
    });

    test('each signs out, and no session comes back', async () => {
      const tokens = await Promise.all(clients.map((client) => client.cookie(SESSION)));
      assert.deepEqual(await statuses((client) => client.post('/logout')), all(204));
      await Promise.all(clients.map((client, index) => client.plant(SESSION, tokens[index])));
      assert.deepEqual(await statuses((client) => client.get('/me')), all(401));
    });
  });
}
