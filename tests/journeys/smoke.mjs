// The smoke test of a deployment, on this API: `infra/smoke.py` with both ways to an account.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { promisify } from 'node:util';
import { ROOT } from '../support/api.mjs';

const PYTHON = join(ROOT, '.local/sam/bin/python');

export function smoke(api) {
  const run = async (...options) => {
    const env = { ...process.env, ...api.settings };
    const command = [join(ROOT, 'infra/smoke.py'), api.url, ...options];
    const { stdout } = await promisify(execFile)(PYTHON, command, { cwd: ROOT, env });
    return stdout;
  };

  describe(`the smoke test, on ${api.stores}`, () => {
    for (const [how, ...options] of [
      ['by registering', '--mails', api.mailPage],
      ['made by admin', '--admin'],
    ]) {
      test(`goes through with an account ${how}`, async () => {
        const lines = (await run(...options)).trim().split('\n');
        assert.ok(lines.includes('ok   all sessions of a user end together'), lines.join('\n'));
        assert.equal(lines.at(-1), 'The whole journey succeeded.');
      });
    }
  });
}
