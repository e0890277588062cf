// What has to be here before anything can be installed is checked first, and said with its remedy.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { ROOT } from './support/api.mjs';

const SCRIPT = join(ROOT, 'infra/local/needs.sh');
const SAID = { cargo: 'cargo 1.95.0 (f2d3ce0bd 2026-03-21)', python3: 'Python 3.11.2', node: 'v20.20.2', npm: '10.8.2' };

// What the script says on a machine where these programs say these versions.
function said(programs) {
  const directory = mkdtempSync(join(tmpdir(), 'login-needs-'));
  try {
    for (const [name, version] of Object.entries(programs)) {
      writeFileSync(join(directory, name), `#!/bin/sh\necho '${version}'\n`, { mode: 0o755 });
    }
    for (const name of ['head', 'sed', 'sort']) {
      symlinkSync(spawnSync('sh', ['-c', `command -v ${name}`], { encoding: 'utf8' }).stdout.trim(), join(directory, name));
    }
    const { status, stderr } = spawnSync('/bin/sh', [SCRIPT], { env: { PATH: directory }, encoding: 'utf8' });
    return [status, stderr.split('\n').filter(Boolean).map((line) => line.split('. ')[0])];
  } finally {
    rmSync(directory, { recursive: true });
  }
}

test('programs that are new enough are passed over in silence', () => {
  assert.deepEqual(said(SAID), [0, []]);
  assert.deepEqual(said({ ...SAID, cargo: 'cargo 1.100.0', python3: 'Python 3.14.0', node: 'v24.1.0' }), [0, []]);
});

test('everything that is missing or too old is told at once', () => {
  const { cargo, npm, ...others } = SAID;
  assert.deepEqual(said({ ...others, python3: 'Python 3.9.18', cargo: 'cargo 1.94.1' }), [1, [
    'error: Rust 1.95 or later is needed, and this is 1.94.1',
    'error: Python 3.11 or later is needed, and this is 3.9.18',
    'error: npm 9 or later is needed, and there is none',
  ]]);
});

test('the versions are those of README.md and Cargo.toml', () => {
  const least = [...readFileSync(SCRIPT, 'utf8').matchAll(/^need (\S+) (\S+)/gm)].map(([, name, version]) => `${name} ${version} or later`);
  const readme = readFileSync(join(ROOT, 'README.md'), 'utf8');
  for (const each of least.slice(0, 3)) assert.ok(readme.includes(each), each);
  const [, rust] = /^rust-version = "(.*)"$/m.exec(readFileSync(join(ROOT, 'Cargo.toml'), 'utf8'));
  assert.equal(least[0], `Rust ${rust} or later`);
});
