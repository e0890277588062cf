// The contract, the code, the local gateway and the folders of the functions name the same routes; and the other lists that
// grow with each function are complete.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { parse } from 'smol-toml';
import { ROOT } from './support/api.mjs';
import { binaries } from './support/binaries.mjs';
import { document, operations } from './support/contract.mjs';

const described = operations(document());
const manifest = parse(readFileSync(join(ROOT, 'Cargo.toml'), 'utf8'));
const line = ({ method, path, function: name }) => `${method} ${path} ${name}`;

// What is called by a stream or a schedule rather than by a request.
const WITHOUT_ROUTE = ['mailer', 'revocations'];
const FUNCTIONS = readdirSync(join(ROOT, 'functions')).sort();
const WITH_ROUTES = FUNCTIONS.filter((name) => !WITHOUT_ROUTE.includes(name));

test('infra/openapi.yaml and the router of the local gateway agree', () => {
  const { router } = manifest.workspace.metadata.lambda.watch;
  const routed = Object.entries(router).flatMap(([path, entries]) => entries.map((entry) => ({ path, ...entry })));
  assert.deepEqual(described.map(line).sort(), routed.map(line).sort());
});

test('the programs serve the routes of infra/openapi.yaml, and no others', () => {
  const served = FUNCTIONS.flatMap((name) => routesOf(name).map(([method, path]) => ({ method, path, function: name })));
  assert.deepEqual(served.map(line).sort(), described.map(line).sort());
});

test('the host serves the routes of infra/openapi.yaml, and one for a scheduler', () => {
  const served = routesOf('host').map(([method, path]) => `${method} ${path}`);
  const ours = described.map(({ method, path }) => `${method} ${path}`);
  assert.deepEqual(served.sort(), ours.concat('POST /tasks').sort());
});

// What a program says when it refuses to start, here because no table can have such a name.
function routesOf(name) {
  const env = { TABLE_PREFIX: '/' };
  const { status, stdout, stderr } = spawnSync(join(binaries(), name), { env, encoding: 'utf8', timeout: 10_000 });
  assert.deepEqual([status, stderr], [1, ''], `${name}: ${stdout}`);
  return JSON.parse(stdout).routes.split(',').filter(Boolean).map((route) => route.split(' '));
}

// So the methods that a function knows of a path are all that there are, and `Allow` names them all; except where a page has
// the address of what it asks.
test('no path is served by two functions, unless one of them shows a page', () => {
  const owners = {};
  for (const { path, function: name } of described.filter(({ function: name }) => name !== 'pages')) {
    owners[path] ??= name;
    assert.equal(name, owners[path], path);
  }
  const shown = described.filter(({ function: name }) => name === 'pages');
  assert.deepEqual([...new Set(shown.map(({ method }) => method))], ['GET']);
});

test('every function has a route, and every route a function', () => {
  assert.deepEqual([...new Set(described.map(({ function: name }) => name))].sort(), WITH_ROUTES);
});

test('every function with a route keeps the laws of routes', () => {
  const keeps = (name) => readdirSync(join(ROOT, 'functions', name, 'tests/suite'))
    .some((file) => file.endsWith('.rs') && /^scene::laws!\(/m.test(readFileSync(join(ROOT, 'functions', name, 'tests/suite', file), 'utf8')));
  assert.deepEqual(WITH_ROUTES.filter((name) => !keeps(name)), []);
});

// The libraries of ours that every request runs through.
const FAST = ['edge', 'logs', 'session'];

test('every crate that functions are made of is compiled to be small, or to be fast', () => {
  const { package: levels } = manifest.profile.release;
  const crate = (folder) => parse(readFileSync(join(ROOT, folder, 'Cargo.toml'), 'utf8'));
  const ours = (folder) => Object.keys(crate(folder).dependencies ?? {}).filter((name) => existsSync(join(ROOT, 'shared', name)));
  const found = new Set();
  const visit = (name) => {
    if (found.has(name)) return;
    found.add(name);
    ours(`shared/${name}`).forEach(visit);
  };
  FUNCTIONS.flatMap((name) => ours(`functions/${name}`)).forEach(visit);
  const named = Object.keys(levels).filter((name) => existsSync(join(ROOT, 'shared', name)));
  assert.deepEqual(named.sort(), [...found].sort());
  for (const name of found) assert.equal(levels[name]['opt-level'], FAST.includes(name) ? 3 : 'z', name);
});

// Their programs and libraries are built for no tests of their own, which saves a link each; and no library for examples.
test('what Cargo is told to hold no tests holds none', () => {
  const sources = (folder) => readdirSync(join(ROOT, folder), { recursive: true })
    .filter((file) => /^[^/]+\/src\/.*\.rs$/.test(file)).map((file) => [join(folder, file), readFileSync(join(ROOT, folder, file), 'utf8')]);
  const named = (pairs) => pairs.map(([file]) => file);
  assert.deepEqual(named(sources('functions').filter(([, text]) => /#\[(cfg\(test\)|test\]|tokio::test)/.test(text))), []);
  assert.deepEqual(named([...sources('functions'), ...sources('shared')].filter(([, text]) => /^\s*\/\/[/!] ```/m.test(text))), []);
});
