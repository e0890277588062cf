// Endings that Redis refuses and no client repeats, or that Redis takes and loses: the function that follows the
// streams finishes them.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { DEMO, pause } from '../support/api.mjs';
import { Client } from '../support/client.mjs';
import { redis } from '../support/redis.mjs';

export function revocations(api) {
  // If a Redis requires replicas that it does not have, it serves reads and refuses writes, as after a failover.
  const refuseWrites = (refuse) =>
    redis(api.settings.REDIS_URL, 'CONFIG', 'SET', 'min-replicas-to-write', refuse ? '1' : '0');

  const signedIn = async () => {
    const client = new Client(api);
    assert.equal((await client.login(DEMO)).status, 200);
    return client;
  };

  // Requests an ending that cannot be finished, and does not repeat it.
  const giveUp = async (client, target) => {
    await refuseWrites(true);
    try {
      assert.equal((await client.post(target)).status, 503);
      // Not acknowledged, and not over: Redis does not know of it.
      assert.equal((await client.get('/me')).status, 200);
    } finally {
      await refuseWrites(false);
    }
  };

  const signedOut = async (client, most = 100) => {
    for (let tries = 0; tries < most; tries += 1) {
      const { status } = await client.get('/me');
      if (status === 401) return;
      assert.equal(status, 200);
      await pause(50);
    }
    assert.fail('the session is still served');
  };

  // As after a failover to a replica that lagged: the copy is back, and both tombstones are missing, the request's and
  // the function's first.
  test('an ending that Redis took and lost is finished some time later', async () => {
    const [client, other] = [await signedIn(), await signedIn()];
    const { sessions } = (await other.get('/sessions')).body;
    const key = `session:${sessions.find(({ current }) => current).id}`;
    await redis(api.settings.REDIS_URL, 'COPY', key, `kept:${key}`);
    assert.equal((await client.delete(`/sessions/${key.slice('session:'.length)}`)).status, 204);
    assert.equal((await other.get('/me')).status, 401);
    await pause(1000);
    await redis(api.settings.REDIS_URL, 'COPY', `kept:${key}`, key, 'REPLACE');
    assert.equal((await other.get('/me')).status, 200);
    // The host tells it again after 20 seconds, as a deployment does.
    await signedOut(other, 800);
  });

  describe('an ending that Redis refused', () => {
    test('is finished without a repeat: one session', async () => {
      const [client, other] = [await signedIn(), await signedIn()];
      await giveUp(client, '/logout');
      await signedOut(client);
      assert.equal((await other.get('/me')).status, 200);
    });

    test('is finished without a repeat: everywhere', async () => {
      const [client, other] = [await signedIn(), await signedIn()];
      await giveUp(client, '/logout/all');
      await signedOut(client);
      await signedOut(other);
      assert.equal((await (await signedIn()).get('/me')).status, 200);
    });
  });
}
