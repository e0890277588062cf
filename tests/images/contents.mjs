// The contents of each image, and that building it again gives the same image.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { unpack } from './support/archive.mjs';
import { elf } from './support/elf.mjs';
import { ARCH, archive, NAMES, ROOT } from './support/programs.mjs';
import { places } from './support/places.mjs';

// All functions are in the host.
const largest = (name) => (name === 'host' ? 16_000_000 : 12_000_000);
const PLATFORM = { arm64: 'arm64', x86_64: 'amd64' };
const directory = mkdtempSync(join(tmpdir(), 'login-images-'));
after(() => rmSync(directory, { recursive: true }));

for (const name of NAMES) {
  describe(name, () => {
    const image = unpack(archive(name), directory);
    const program = readFileSync(join(image.root, 'bootstrap'));

    test('holds a program and nothing else, of limited size', (context) => {
      const files = image.files.filter(({ kind }) => kind !== 'd');
      assert.deepEqual(files.map((file) => file.name), ['/bootstrap']);
      const size = image.files.reduce((sum, file) => sum + file.size, 0);
      context.diagnostic(`${(size / 1e6).toFixed(2)} MB, sha256:${image.id}`);
      assert.ok(size <= largest(name), `${size} bytes`);
    });

    test('everybody may read it, nobody but root may change it', () => {
      const modes = { '/bootstrap': 'r-xr-xr-x' };
      for (const { kind, mode, owner, name } of image.files) {
        assert.deepEqual([name, kind, mode, owner], [name, kind, modes[name] ?? 'rwxr-xr-x', '0/0']);
        assert.ok(kind === '-' || kind === 'd', name);
      }
    });

    test('runs the program as nobody in particular', () => {
      assert.deepEqual(image.config.config.Entrypoint, ['/bootstrap']);
      assert.match(image.config.config.User, /^[1-9]\d{3,}:[1-9]\d{3,}$/);
      assert.equal(image.config.architecture, PLATFORM[ARCH]);
    });

    test('its program is static and tells nothing about the machine it was made on', () => {
      assert.deepEqual(elf(program), { arch: ARCH, interpreter: false, libraries: 0 });
      for (const path of places()) assert.ok(!program.includes(`${path}/`), path);
    });
  });
}

test('the same program makes the same image', () => {
  const command = [join(ROOT, 'infra/images'), 'assemble', '--arch', ARCH, '--to', directory, NAMES[0]];
  execFileSync('python3', command, { stdio: ['ignore', 'ignore', 'inherit'] });
  assert.equal(unpack(join(directory, `${NAMES[0]}.tar`), directory).id, unpack(archive(NAMES[0]), directory).id);
});

test('a program that is not static would be noticed', () => {
  const node = elf(readFileSync(process.execPath));
  assert.ok(node.interpreter && node.libraries > 0);
});
