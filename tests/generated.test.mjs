// Clients are generated from infra/openapi.yaml without an omission, and are what the contract says.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { after, describe, test } from 'node:test';
import { ROOT } from './support/api.mjs';

const DOCUMENT = join(ROOT, 'infra/openapi.yaml');
const STYLE = join(ROOT, '.local/style/bin');
const tool = (name) => join(ROOT, 'tests/contract/node_modules/.bin', name);
const directory = mkdtempSync(join(tmpdir(), 'login-generated-'));
after(() => rmSync(directory, { recursive: true }));

function run(program, ...options) {
  const env = { ...process.env, PATH: `${STYLE}${delimiter}${process.env.PATH}` };
  const { status, stdout, stderr, error } = spawnSync(program, options, { cwd: directory, encoding: 'utf8', env });
  return { status, output: error?.message ?? stdout + stderr };
}

describe('a client in TypeScript', () => {
  test('compiles with a program that uses it', () => {
    assert.equal(run(tool('openapi-typescript'), DOCUMENT, '--output', join(directory, 'api.ts')).status, 0);
    copyFileSync(join(ROOT, 'tests/contract/consumer.ts'), join(directory, 'consumer.ts'));
    writeFileSync(join(directory, 'package.json'), '{ "type": "module" }');
    const { output } = run(tool('tsc'), '--strict', '--noEmit', '--module', 'nodenext', '--target', 'es2022', 'consumer.ts');
    assert.equal(output, '');
  });
});

describe('a client in Python', () => {
  const generate = (document, name) =>
    run(join(STYLE, 'openapi-python-client'), 'generate', '--path', document, '--output-path', join(directory, name));

  test('has every response of every operation', () => {
    const { status, output } = generate(DOCUMENT, 'client');
    assert.equal(status, 0, output);
    assert.doesNotMatch(output, /WARNING|omitted|missing/, output);
    const models = readdirSync(join(directory, 'client/login_api_client/models'));
    for (const name of ['signed_in', 'unusable_problem', 'too_many_problem', 'fault_code']) {
      assert.ok(models.includes(`${name}.py`), name);
    }
  });

  test('an omission would be noticed', () => {
    const document = join(directory, 'partial.json');
    const schema = { allOf: [{ $ref: '#/components/schemas/A' }, { properties: { status: { const: 400 } } }] };
    const responses = { 400: { description: 'x', content: { 'application/json': { schema } } } };
    const A = { type: 'object', properties: { status: { type: 'integer' } } };
    const paths = { '/': { get: { operationId: 'a', responses } } };
    writeFileSync(document, JSON.stringify({ openapi: '3.1.0', info: { title: 'x', version: '1' }, paths, components: { schemas: { A } } }));
    assert.match(generate(document, 'partial').output, /omitted/);
  });
});
