// What compose.yaml says starts the programs, and its parts find each other.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { parse } from 'yaml';
import { ROOT } from './support/api.mjs';
import { binaries } from './support/binaries.mjs';

const { services, volumes } = parse(readFileSync(join(ROOT, 'compose.yaml'), 'utf8'));

test('the host starts with what compose.yaml gives it', () => {
  // No table can have such a name: it says what else is wrong, and ends.
  const env = { ...services.host.environment, TABLE_PREFIX: '/' };
  const { status, stdout } = spawnSync(join(binaries(), 'host'), { env, encoding: 'utf8', timeout: 10_000 });
  assert.equal(status, 1);
  assert.match(JSON.parse(stdout).faults, /^unusable settings: TABLE_PREFIX: [^;]*$/);
});

test('the parts of compose.yaml find each other', () => {
  const { host, dynamodb, mail, valkey } = services;
  const port = (variable) => Number(new URL(host.environment[variable]).port);
  // On the network of the host, where nothing needs TLS.
  assert.deepEqual([dynamodb.network_mode, mail.network_mode], ['service:host', 'service:host']);
  assert.equal(port('AWS_ENDPOINT_URL_DYNAMODB'), Number(dynamodb.environment.PORT));
  assert.equal(port('SMTP_URL'), 1025);
  assert.ok(valkey && new URL(host.environment.REDIS_URL).hostname === 'valkey');
  assert.equal(new URL(host.environment.PUBLIC_URL).port, host.environment.PORT);
  assert.ok(host.ports.every((mapping) => mapping.startsWith('127.0.0.1:')), 'only this machine reaches it');
  assert.deepEqual(dynamodb.volumes.map((volume) => volume.split(':')[0]), Object.keys(volumes));
  assert.ok(dynamodb.environment.FILE.startsWith(`${dynamodb.volumes[0].split(':')[1]}/`));
});
