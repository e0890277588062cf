// The contract, the local gateway and the folders of the functions name the same routes.

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { parse } from 'smol-toml';
import { ROOT } from './support/api.mjs';
import { document, operations } from './support/contract.mjs';

const described = operations(document());

test('infra/openapi.yaml and the router of the local gateway agree', () => {
  const manifest = parse(readFileSync(join(ROOT, 'Cargo.toml'), 'utf8'));
  const { router } = manifest.workspace.metadata.lambda.watch;
  const routed = Object.entries(router).flatMap(([path, entries]) => entries.map((entry) => ({ path, ...entry })));
  const line = ({ method, path, function: name }) => `${method} ${path} ${name}`;
  assert.deepEqual(described.map(line).sort(), routed.map(line).sort());
});

// Functions that a stream or a schedule calls, not a request.
const WITHOUT_ROUTE = ['mailer', 'revocations'];

test('every function has a route, and every route a function', () => {
  const folders = readdirSync(join(ROOT, 'functions')).filter((name) => !WITHOUT_ROUTE.includes(name)).sort();
  assert.deepEqual([...new Set(described.map(({ function: name }) => name))].sort(), folders);
});
