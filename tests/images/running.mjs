// The images run, each only in its own file system. Every function answers an event, and a person signs in through a
// provider, with the session in DynamoDB and Redis. All peers are reached by name over TLS.
//
// This needs its own network, where port 53 is free: prove.sh makes one.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { promisify } from 'node:util';
import { redis } from '../support/redis.mjs';
import { unpack } from './support/archive.mjs';
import { request } from './support/event.mjs';
import { Host } from './support/host.mjs';
import { Lambda } from './support/lambda.mjs';
import { Mails } from './support/mails.mjs';
import { archive, FUNCTIONS, NAMES, ROOT } from './support/programs.mjs';
import { World } from './support/world.mjs';

const directory = mkdtempSync(join(tmpdir(), 'login-images-'));
const world = await World.start(directory);
after(async () => {
  await world.stop();
  rmSync(directory, { recursive: true });
});

const parameters = { provider: 'acme' };
const SPENT = { code: 'x', state: 'y' };
const STRANGER = { email: 'stranger@example.com', password: 'a sentence that is long and good' };
const CHANGE = { current_password: 'old', new_password: 'new' };

// For every function a request by a signed-out client, and its answer.
const EVENTS = {
  callback: [request('GET', '/callback/{provider}', { parameters, query: SPENT }), 400, /login-expired/],
  device: [request('POST', '/device/refresh', { json: { refresh_token: 'made-up' } }), 401, /\/problems\//],
  health: [request('GET', '/health'), 200, /"redis":"ok"/],
  identities: [request('GET', '/identities'), 401, /signed-out/],
  jwks: [request('GET', '/.well-known/jwks.json'), 200, /^\{"keys":\[/],
  login: [request('POST', '/login', { json: STRANGER }), 401, /invalid-credentials/],
  logout: [request('POST', '/logout'), 204, /^$/],
  me: [request('GET', '/me'), 401, /signed-out/],
  pages: [request('GET', '/login'), 200, /<h1[^>]*>Sign in<\/h1>/],
  password: [request('POST', '/password', { json: CHANGE }), 401, /signed-out/],
  register: [request('POST', '/register', { json: STRANGER }), 202, /^$/],
  'session-token': [request('POST', '/session/token', { json: {} }), 401, /signed-out/],
  sessions: [request('GET', '/sessions'), 401, /signed-out/],
};
// Functions that are not called by requests, with their events and answers.
const CALLS = {
  mailer: [{}, { sent: 1, postponed: 0, lost: 0 }],
  revocations: [{ Records: [] }, { batchItemFailures: [] }],
};

test('every function there is, is tried', () => {
  assert.deepEqual(Object.keys({ ...EVENTS, ...CALLS }).sort(), FUNCTIONS);
});

// Leaves a test out if `NAMES` leaves out one of its images.
const of = (...names) => ({ skip: names.every((name) => NAMES.includes(name)) ? false : 'not among NAMES' });

for (const [name, [event, status, body]] of Object.entries(EVENTS)) {
  test(`${name} answers ${status}`, of(name), async () => {
    const answer = await answered(status, name, event);
    assert.match(answer.body ?? '', body);
    assert.equal(answer.headers['x-content-type-options'], 'nosniff');
  });
}
for (const [name, [event, expected]] of Object.entries(CALLS)) {
  test(`${name} answers`, of(name), () => running(name, async (lambda) => {
    assert.deepEqual(await lambda.invoke(event), expected);
  }));
}

test('the program runs without any power over the machine', of('me'), () => running('me', async (lambda) => {
  await lambda.invoke(request('GET', '/me'));
  for (const powers of ['CapEff', 'CapPrm', 'CapAmb']) assert.match(lambda.status(powers), /^0+$/);
}));

test('the schedule that keeps the network interfaces of a function gets nothing, and leaves no line', of('me'), () => running('me', async (lambda) => {
  assert.equal(await lambda.invoke({}), null);
  assert.doesNotMatch(lambda.log, /"target":"request"/);
}));

test('a person signs in through a provider, in three images, and the session is in both stores', of('login', 'callback', 'me'), async () => {
  const begun = await answered(302, 'login', request('GET', '/login/{provider}', { parameters }));
  const query = world.provider.consent(new URL(begun.headers.location));
  const cookies = [begun.cookies[0].split(';')[0]];

  const ended = await answered(302, 'callback', request('GET', '/callback/{provider}', { parameters, query, cookies }));
  assert.equal(ended.headers.location, 'https://app.example.com/');
  const session = ended.cookies.find((cookie) => cookie.startsWith('__Host-session_id=')).split(';')[0];

  const me = request('GET', '/me', { cookies: [session] });
  const warm = await answered(200, 'me', me);
  const { user, session: { id } } = JSON.parse(warm.body);
  assert.deepEqual([user.email, user.name], ['ada@example.com', 'Ada']);
  // Redis has the session; without Redis, DynamoDB has it.
  const kept = async () => (await redis(world.plain.redis, 'GET', `session:${id}`)).startsWith('\u0001');
  assert.ok(await kept(), 'a record, by its version');
  await redis(world.plain.redis, 'FLUSHALL');
  await answered(200, 'me', me);
  assert.ok(await kept());
  // Only the resolver knows where they are.
  for (const host of world.hosts) assert.ok(world.names.asked.has(host), `nobody asked for ${host}`);
});

// Both stores are asked about a session that neither has.
const unknown = request('GET', '/me', { cookies: [`__Host-session_id=${'A'.repeat(43)}`] });
const counted = (what) => [world.tunnels.dynamodb[what], world.tunnels.redis[what]];

test('an image asks both stores over TLS', of('me'), async () => {
  const before = counted('used');
  await answered(401, 'me', unknown);
  assert.ok(counted('used').every((count, index) => count > before[index]));
});

test('without a file that names their authority, an image trusts neither store', of('me'), async () => {
  const before = counted('refused');
  await answered(503, 'me', unknown, { trusting: false });
  assert.ok(counted('refused').every((count, index) => count > before[index]));
});

test('without a file that names its authority, an image does not trust a provider', of('login'), async () => {
  const begun = await answered(502, 'login', request('GET', '/login/{provider}', { parameters }), { trusting: false });
  assert.match(begun.body, /provider-failed/);
});

test('with few settings the image of the host answers the whole smoke test, and ends when it is asked', of('host'), async () => {
  const image = unpack(archive('host'), directory);
  writeFileSync(join(image.root, 'authority.pem'), world.authority);
  const mails = await Mails.start();
  const { TABLE_PREFIX, AWS_ENDPOINT_URL_DYNAMODB, REDIS_URL, MAIL_FROM } = world.variables;
  const stores = { TABLE_PREFIX, AWS_ENDPOINT_URL_DYNAMODB, REDIS_URL, SSL_CERT_FILE: '/authority.pem' };
  const platform = { AWS_ACCESS_KEY_ID: 'local', AWS_SECRET_ACCESS_KEY: 'local' };
  const own = { PUBLIC_URL: Host.url, APP_URL: `${Host.url}/me`, SMTP_URL: mails.smtp, MAIL_FROM };
  const host = await Host.start(image, { ...stores, ...platform, ...own });
  try {
    const command = [join(ROOT, 'infra/smoke.py'), Host.url, '--mails', mails.page];
    const { stdout } = await promisify(execFile)(join(ROOT, '.local/sam/bin/python'), command);
    assert.equal(stdout.trim().split('\n').at(-1), 'The whole journey succeeded.');
    assert.equal((await fetch(`${Host.url}/nowhere`)).status, 404);
  } finally {
    assert.equal(await host.stop(), 0, host.log);
    await mails.stop();
    rmSync(image.root, { recursive: true });
  }
});

// A function's answer to one request, which must have that status; a healthy function logs no complaint. On a busy
// machine its short time limit for the stores may expire: then another instance is asked.
async function answered(status, name, event, { tries = 5, ...options } = {}) {
  const [answer, log] = await running(name, async (lambda) => [await lambda.invoke(event), lambda.log], options);
  // Under an emulator, a function is too slow for some of its limits, and says so.
  const complains = status < 500 && !process.env.EMULATOR && /"level":"(WARN|ERROR)"/.test(log);
  if (complains && tries > 1) return answered(status, name, event, { tries: tries - 1, ...options });
  assert.equal(answer.statusCode, status, `${answer.body}\n${log}`);
  assert.ok(!complains, log);
  return answer;
}

// Runs the image of a function. With `trusting`, a file names the authority of the peers' certificates.
async function running(name, use, { trusting = true } = {}) {
  const image = unpack(archive(name), directory);
  writeFileSync(join(image.root, 'authority.pem'), world.authority);
  const trust = trusting ? { SSL_CERT_FILE: '/authority.pem' } : {};
  const lambda = await Lambda.start(name, image, { ...world.variables, ...trust });
  try {
    return await use(lambda);
  } catch (error) {
    throw new Error(`${name} said:\n${lambda.log}`, { cause: error });
  } finally {
    await lambda.stop();
    rmSync(image.root, { recursive: true });
  }
}
