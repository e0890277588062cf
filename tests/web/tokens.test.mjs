// Tokens for other services: one at a time, and in requests only where they belong.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { later, OUT, problem, signedIn, token, World } from './world.mjs';

const SERVICE = 'https://api.example.com';
const TOKENS = 'POST /session/token';
const answer = (status) => ({ status, body: '{}', isForeign: true });
const bearers = (world, route) => world.to(route).map(({ headers }) => headers.get('authorization'));
const scene = async (options) => {
  const world = new World().on('GET /me', signedIn('ada')).on(TOKENS, token('one'), token('two'), token('three'), token('four'));
  return { world, auth: await world.tab({ apis: [SERVICE], ...options }) };
};

describe('a token', () => {
  test('is asked for once by callers who want it at the same time', async () => {
    const { auth, world } = await scene();
    assert.deepEqual(await Promise.all([auth.token(), auth.token()]), ['a.one.c', 'a.one.c']);
    assert.equal(world.to(TOKENS).length, 1);
  });

  test('is kept until half a minute before it expires', async () => {
    const { auth, world } = await scene();
    await auth.token();
    world.clock += 269_000;
    assert.equal(await auth.token(), 'a.one.c');
    world.clock += 2000;
    assert.equal(await auth.token(), 'a.two.c');
  });

  test('that lives shorter than that is kept for half its life', async () => {
    const { auth, world } = await scene();
    world.on(TOKENS, token('one', 20), token('two', 20));
    await auth.token();
    world.clock += 9000;
    assert.equal(await auth.token(), 'a.one.c');
    world.clock += 2000;
    assert.equal(await auth.token(), 'a.two.c');
  });

  test('is for one audience', async () => {
    const { auth, world } = await scene();
    assert.deepEqual([await auth.token(), await auth.token('chat'), await auth.token('chat')], ['a.one.c', 'a.two.c', 'a.two.c']);
    assert.deepEqual(world.to(TOKENS).map(({ body }) => body), [undefined, { audience: 'chat' }]);
    assert.deepEqual(await Promise.all([auth.token('a'), auth.token('b')]), ['a.three.c', 'a.four.c']);
  });

  test('is for one session', async () => {
    const { auth, world } = await scene();
    world.on('POST /login', signedIn('bob'));
    await auth.token();
    await auth.login({ email: 'bob@example.com', password: 'x' });
    assert.equal(await auth.token(), 'a.two.c');
  });

  test('that could not be had is asked for again', async () => {
    const { auth, world } = await scene();
    world.on(TOKENS, problem(500, 'internal'), token('one'));
    await assert.rejects(auth.token(), { slug: 'internal' });
    assert.equal(await auth.token(), 'a.one.c');
  });
});

describe('fetch', () => {
  const AGENTS = `GET ${SERVICE}/agents`;

  test('sends the token to a listed origin', async () => {
    const { auth, world } = await scene();
    world.on(AGENTS, answer(200));
    assert.equal((await auth.fetch(`${SERVICE}/agents`)).status, 200);
    assert.deepEqual(bearers(world, AGENTS), ['Bearer a.one.c']);
  });

  test('refuses every other origin, and asks for no token', async () => {
    const { auth, world } = await scene();
    for (const place of [
      'https://evil.example/', 'https://api.example.com.evil.example/', 'http://api.example.com/', 'https://api.example.com:8443/',
      'https://evil.example/?https://api.example.com', 'https://api.example.com@evil.example/', '/agents',
    ]) {
      const input = place.includes('@') ? new URL(place) : place.startsWith('/') ? `https://app.example.com${place}` : place;
      await assert.rejects(auth.fetch(input), (error) => error.slug === 'unlisted-origin' || error instanceof TypeError, place);
    }
    await assert.rejects(auth.fetch(new Request('https://evil.example/')), { slug: 'unlisted-origin' });
    assert.deepEqual(world.routes(), ['GET /me']);
  });

  test('sends no token to any origin if none is listed', async () => {
    const { auth } = await scene({ apis: undefined });
    await assert.rejects(auth.fetch(`${SERVICE}/agents`), { slug: 'unlisted-origin' });
  });

  test('takes / for the origin of the page', async () => {
    const { auth, world } = await scene({ apis: ['/'] });
    world.on('GET /me', signedIn('ada'));
    await auth.fetch('https://app.example.com/me');
    assert.deepEqual(bearers(world, 'GET /me').at(-1), 'Bearer a.one.c');
  });

  test('tries a refused token once more, with a new token and the whole request', async () => {
    const { auth, world } = await scene();
    const route = `POST ${SERVICE}/agents`;
    world.on(route, answer(401), answer(201));
    const init = { method: 'POST', body: '{"name":"x"}', headers: { 'x-mine': '1' }, audience: 'chat' };
    assert.equal((await auth.fetch(`${SERVICE}/agents`, init)).status, 201);
    assert.deepEqual(bearers(world, route), ['Bearer a.one.c', 'Bearer a.two.c']);
    assert.deepEqual(world.to(route).map(({ body, headers }) => [body.name, headers.get('x-mine')]), [['x', '1'], ['x', '1']]);
    assert.deepEqual(world.to(TOKENS)[0].body, { audience: 'chat' });
  });

  test('keeps the new token if the old one is refused once more, late', async () => {
    const { auth, world } = await scene();
    const slow = later();
    world.on(AGENTS, slow.promise, answer(401), answer(200));
    const both = [auth.fetch(`${SERVICE}/agents`), auth.fetch(`${SERVICE}/agents`)];
    await both[1];
    slow.give(answer(401));
    assert.equal((await both[0]).status, 200);
    assert.deepEqual(bearers(world, AGENTS).sort(), ['Bearer a.one.c', 'Bearer a.one.c', 'Bearer a.two.c', 'Bearer a.two.c']);
  });

  test('gives the second refusal to the app', async () => {
    const { auth, world } = await scene();
    world.on(AGENTS, answer(401));
    assert.equal((await auth.fetch(`${SERVICE}/agents`)).status, 401);
    assert.equal(world.to(AGENTS).length, 2);
  });

  test('sends nothing without a session', async () => {
    const { auth, world } = await scene();
    world.on(TOKENS, OUT);
    await assert.rejects(auth.fetch(`${SERVICE}/agents`), { slug: 'signed-out' });
    assert.equal(world.to(AGENTS).length, 0);
  });

  test('is "offline" without an answer, and ended if the app ends it', async () => {
    const { auth, world } = await scene();
    await assert.rejects(auth.fetch(`${SERVICE}/nothing`), { slug: 'offline' });
    world.on(AGENTS, () => { throw new DOMException('ended', 'AbortError'); });
    await assert.rejects(auth.fetch(`${SERVICE}/agents`), { name: 'AbortError' });
  });
});
