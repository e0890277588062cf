// A phone: refresh tokens that rotate, and one that is shown twice.

import { decodeJwt } from 'jose';
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { DEMO, pause } from '../support/api.mjs';
import { Client } from '../support/client.mjs';

// With `DEVICE_GRACE=1s`.
const BEYOND_GRACE = 1_050;

export function devices(api) {
  const phone = async () => {
    const client = new Client(api);
    const answer = await client.post('/device/login', { json: { ...DEMO, device_name: 'Phone' } });
    assert.equal(answer.status, 200, answer.text);
    return { client, ...answer.body };
  };
  const refresh = (client, refresh_token) => client.post('/device/refresh', { json: { refresh_token } });

  describe(`devices, on ${api.stores}`, () => {
    test('ten refreshes are ten tokens, and the third one shown again ends them all', async () => {
      const { client, refresh_token, user } = await phone();
      const lineage = [refresh_token];
      for (let number = 0; number < 10; number += 1) {
        await pause(BEYOND_GRACE);
        const { status, body } = await refresh(client, lineage.at(-1));
        assert.deepEqual([status, decodeJwt(body.access_token).sub], [200, user.id]);
        lineage.push(body.refresh_token);
      }
      assert.equal(new Set(lineage).size, 11);
      assert.equal((await refresh(client, lineage[2])).status, 401);
      assert.equal((await refresh(client, lineage.at(-1))).status, 401);
      assert.match(api.printed, /"event":"refresh_reused"/);
    });

    // Ten, so that even a slow machine answers them all within the grace; other tests use fifty.
    test('ten refreshes at once are one lineage', async () => {
      const { client, refresh_token } = await phone();
      await pause(BEYOND_GRACE);
      const answers = await Promise.all(Array.from({ length: 10 }, () => refresh(client, refresh_token)));
      assert.deepEqual([...new Set(answers.map(({ status }) => status))], [200]);
      assert.equal(new Set(answers.map(({ body }) => body.refresh_token)).size, 1);
    });

    test('a phone is in the list of sessions, and ends there', async () => {
      const { client, refresh_token } = await phone();
      const browser = new Client(api);
      await browser.login(DEMO);
      const { sid } = decodeJwt((await refresh(client, refresh_token)).body.access_token);
      const listed = (await browser.get('/sessions')).body.sessions.find(({ id }) => id === sid);
      assert.deepEqual([listed.kind, listed.device_name, listed.ip], ['device', 'Phone', client.address]);
      assert.equal((await browser.delete(`/sessions/${sid}`)).status, 204);
      assert.equal((await refresh(client, refresh_token)).status, 401);
    });

    test('a phone signs out', async () => {
      const { client, refresh_token } = await phone();
      assert.equal((await client.post('/device/logout', { json: { refresh_token } })).status, 204);
      assert.equal((await refresh(client, refresh_token)).status, 401);
    });
  });
}
