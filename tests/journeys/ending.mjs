// After the API has ended nothing is left: no process, and no secret in what it printed and stored.

import assert from 'node:assert/strict';
import { readdir, readFile, stat } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { documented, stored, unknown } from '../support/stored.mjs';

// The secrets that a run must have produced for the search to be meaningful.
const KINDS = ['password', 'CSRF token', 'cookie __Host-session_id'];

export function ending(api, kinds = []) {
  describe('at the end', () => {
    // OWASP ASVS 14.1.1.
    test('every attribute that is stored is in the table of data', async () => {
      const { AWS_ENDPOINT_URL_DYNAMODB, TABLE_PREFIX } = api.settings;
      const [found, known] = [await stored(AWS_ENDPOINT_URL_DYNAMODB, TABLE_PREFIX ?? 'auth-'), documented()];
      assert.deepEqual(Object.keys(found).sort(), Object.keys(known).sort());
      for (const table of ['users', 'user_identities', 'sessions']) assert.ok(found[table].length > 3, table);
      for (const [table, attributes] of Object.entries(found)) {
        assert.deepEqual(unknown(attributes, known[table]), [], table);
      }
    });

    test('no process outlives the API', async () => {
      assert.ok(api.processes().length > 5);
      assert.deepEqual(await api.stop(), []);
      const { PUBLIC_URL, OIDC_LOCAL_ISSUER, AWS_ENDPOINT_URL_DYNAMODB, REDIS_URL } = api.settings;
      for (const url of [PUBLIC_URL, OIDC_LOCAL_ISSUER, AWS_ENDPOINT_URL_DYNAMODB, REDIS_URL].filter(Boolean)) {
        assert.ok(await isRefused(new URL(url)), `${url} is still served`);
      }
    });

    // OWASP ASVS 16.2.5.
    test('no secret of the whole run was printed', () => {
      const met = api.secrets.kinds;
      for (const kind of [...KINDS, ...kinds]) assert.ok(met.has(kind), `the run met no ${kind}`);
      assert.match(api.printed, /"event":"login"/);
      assert.deepEqual(api.secrets.in(api.printed), []);
    });

    test('no secret of the whole run was stored', async () => {
      // The settings must hold the client secret.
      const files = (await readdir(api.data, { recursive: true })).filter((name) => name !== 'env');
      assert.ok(files.includes('dynamodb.sqlite'));
      for (const name of files.map((file) => join(api.data, file))) {
        if (!(await stat(name)).isFile()) continue;
        assert.deepEqual(api.secrets.in(await readFile(name, 'latin1')), [], name);
      }
    });

    test('no file is left', async () => {
      await api.dispose();
      await assert.rejects(stat(api.directory), { code: 'ENOENT' });
    });
  });
}

function isRefused({ hostname, port }) {
  return new Promise((resolve) => {
    const socket = connect(Number(port), hostname, () => socket.destroy() && resolve(false));
    socket.on('error', () => resolve(true));
  });
}
