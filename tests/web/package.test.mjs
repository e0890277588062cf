// The package as it is published and served: small, complete, without dependencies, typed after the contract.

import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { ROOT } from '../support/api.mjs';

const WEB = join(ROOT, 'clients/web');
const DOCUMENT = join(ROOT, 'infra/openapi.yaml');
const LIMIT = 4000;
const tool = (name) => join(ROOT, 'tests/contract/node_modules/.bin', name);
const read = (name) => readFileSync(join(WEB, name), 'utf8');
const imports = (name) => [...read(name).matchAll(/^import\b.*?from '([^']+)'|^export\b.*?\bfrom '([^']+)'/gms)].map(([, one, two]) => one ?? two);
const described = JSON.parse(read('package.json'));
const packed = () => {
  const options = { cwd: WEB, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] };
  return JSON.parse(execFileSync('npm', ['pack', '--dry-run', '--json'], options))[0].files.map(({ path }) => path).sort();
};

describe('the package', () => {
  test('has a core of at most 4 kB as it is served', () => {
    const size = gzipSync(read('auth.js'), { level: 6 }).length;
    assert.ok(size <= LIMIT, `auth.js has ${size} bytes of ${LIMIT}`);
    // Nothing comes with it until it is used.
    assert.deepEqual(imports('auth.js'), []);
    assert.deepEqual([...read('auth.js').matchAll(/import\('([^']+)'\)/g)].map(([, name]) => name), ['./socket.js']);
  });

  test('depends on nothing, and on React only in react.js', () => {
    assert.deepEqual([described.dependencies, described.devDependencies], [undefined, undefined]);
    assert.deepEqual(described.peerDependenciesMeta, { react: { optional: true } });
    for (const name of ['socket.js', 'texts.js', 'texts/en.js', 'texts/pt.js']) assert.deepEqual(imports(name), [], name);
    assert.deepEqual(imports('react.js'), ['react']);
  });

  test('has every file that it names, and types for each', () => {
    const files = packed();
    for (const { types, default: file } of Object.values(described.exports)) {
      assert.ok(files.includes(types.slice(2)) && files.includes(file.slice(2)), file);
    }
    assert.deepEqual(files.filter((name) => !/^(types\/\w+\.d\.ts|texts\/\w+\.js|\w+\.js|README\.md|package\.json)$/.test(name)), []);
    for (const name of ['auth.js', 'socket.js', 'texts.js', 'texts/en.js', 'texts/pt.js', 'types/api.d.ts']) assert.ok(files.includes(name), name);
  });

  test('is not published by mistake', () => assert.equal(described.private, true));
});

describe('the types', () => {
  test('are those of infra/openapi.yaml: make types', () => {
    const directory = mkdtempSync(join(tmpdir(), 'login-types-'));
    try {
      const file = join(directory, 'api.d.ts');
      execFileSync(tool('openapi-typescript'), [DOCUMENT, '--output', file], { stdio: 'ignore' });
      assert.ok(readFileSync(file, 'utf8') === read('types/api.d.ts'), 'types/api.d.ts is not of this contract: make types');
    } finally {
      rmSync(directory, { recursive: true });
    }
  });

  test('are those of the code', () => {
    const { stdout } = spawnSync(tool('tsc'), ['--project', join(ROOT, 'tests/web/tsconfig.json')], { encoding: 'utf8' });
    assert.equal(stdout, '');
  });
});
