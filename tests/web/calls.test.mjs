// What the client absorbs so that an app need not: CSRF tokens, waits, confirmations, repeats, and ways to a provider.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { AuthError } from '../../clients/web/auth.js';
import { API, BUSY, DONE, later, OUT, problem, settled, signedIn, World } from './world.mjs';

const PASSWORD = 'three quiet lanterns';
const LOGIN = { email: 'ada@example.com', password: PASSWORD };
const OLD = problem(403, 'reauthenticate');
const CSRF = problem(403, 'csrf');
const OTHER = 'b'.repeat(43);
const csrfOf = ({ headers }) => headers.get('x-csrf-token');

describe('a call', () => {
  test('is what the contract says, for every method', async () => {
    const world = new World().on('GET /me', signedIn('ada')).on('POST /login', signedIn('ada'));
    const auth = await world.tab();
    const location = { status: 200, body: { location: 'https://provider.example/authorize' } };
    const accepted = { status: 202 };
    const identity = { id: OTHER, kind: 'oidc', provider: 'google', email: null, created_at: '2026-11-28T12:00:00Z', last_used_at: null };
    const listed = { ...auth.get().session, ip: null, user_agent: null, browser: null, system: null, device_name: null, last_seen_at: '2026-11-28T12:00:00Z', current: true };
    const calls = [
      ['POST /register', accepted, () => auth.register({ ...LOGIN, name: 'Ada' }), { ...LOGIN, name: 'Ada' }],
      ['POST /register', accepted, () => auth.register(LOGIN), LOGIN],
      ['POST /register/verify', { ...signedIn('ada'), status: 201 }, () => auth.verify({ token: 'x' }), { token: 'x' }],
      ['POST /register/verify', signedIn('ada'), () => auth.verify({ token: 'x', password: PASSWORD }), { token: 'x', password: PASSWORD }],
      ['POST /password/reset', accepted, () => auth.forgot(LOGIN.email), { email: LOGIN.email }],
      ['POST /password', signedIn('ada', 2), () => auth.changePassword({ current: 'a', next: 'b' }), { current_password: 'a', new_password: 'b' }],
      ['GET /sessions', { status: 200, body: { sessions: [listed] } }, () => auth.sessions()],
      ['GET /identities', { status: 200, body: { identities: [identity] } }, () => auth.identities()],
      [`DELETE /sessions/${OTHER}`, DONE, () => auth.endSession(OTHER)],
      ['DELETE /sessions', DONE, () => auth.endOthers()],
      [`DELETE /identities/${OTHER}`, DONE, () => auth.unlink(OTHER)],
      ['POST /login/google', location, () => auth.link('google')],
      ['POST /login', signedIn('ada'), () => auth.login(LOGIN), LOGIN],
      ['POST /password/reset/confirm', DONE, () => auth.reset({ token: 'x', password: 'b' }), { token: 'x', new_password: 'b' }],
      ['POST /logout', DONE, () => auth.logout()],
      ['POST /logout/all', DONE, () => auth.logoutEverywhere()],
    ];
    const results = {};
    for (const [route, answer, call, body] of calls) {
      world.on(route, answer);
      results[route] = await call();
      const sent = world.asked.at(-1);
      assert.deepEqual([sent.route, sent.body], [route, body]);
      assert.equal(sent.init.credentials, 'include');
      assert.equal(sent.headers.get('content-type'), body ? 'application/json' : null);
    }
    assert.deepEqual(results['GET /sessions'], [listed]);
    assert.deepEqual(results['GET /identities'], [identity]);
    assert.equal(results['POST /password'].state, 'in');
    assert.equal(results['POST /logout'], undefined);
  });

  test('carries the CSRF token of the session if it changes something, and the language that the app wants', async () => {
    const world = new World().on('GET /me', signedIn('ada')).on('DELETE /sessions', DONE).on('GET /sessions', { status: 200, body: { sessions: [] } });
    const auth = await world.tab({ language: 'pt' });
    await auth.endOthers();
    await auth.sessions();
    assert.equal(csrfOf(world.to('DELETE /sessions')[0]), signedIn('ada').body.csrf_token);
    assert.equal(csrfOf(world.to('GET /sessions')[0]), null);
    assert.ok(world.asked.every(({ headers }) => headers.get('accept-language') === 'pt'));
  });

  test('goes to the base that the app names, without a second slash', async () => {
    const world = new World().on('GET /auth/me', signedIn('ada')).on('DELETE /auth/sessions', DONE);
    const auth = await world.tab({ url: '/auth/' });
    await auth.endOthers();
    assert.deepEqual(world.routes(), ['GET /auth/me', 'DELETE /auth/sessions']);
  });

  test('that changes something waits for the CSRF token when the page opens', async () => {
    const slow = later();
    const world = new World().on('GET /me', slow.promise).on('DELETE /sessions', DONE);
    const auth = await world.tab();
    const asked = auth.endOthers();
    await settled();
    assert.deepEqual(world.routes(), ['GET /me']);
    slow.give(signedIn('ada'));
    await asked;
    assert.ok(csrfOf(world.asked[1]));
  });

  test('that fails is an error with everything a page needs', async () => {
    const fault = { pointer: '/password', code: 'too-short', params: { min: 12 }, detail: 'is shorter than 12 characters' };
    const refused = problem(422, 'unusable-value', { detail: 'password: is shorter', errors: [fault] });
    const world = new World().on('GET /me', OUT).on('POST /register', refused);
    const auth = await world.tab();
    const error = await auth.register({ ...LOGIN, password: 'x' }).catch((thrown) => thrown);
    assert.ok(error instanceof AuthError && error instanceof Error);
    const { slug, status, title, detail, errors, retryAfter, request, name } = error;
    assert.deepEqual({ slug, status, title, detail, errors, retryAfter, request, name }, {
      slug: 'unusable-value', status: 422, title: 'unusable-value', detail: 'password: is shorter', errors: [fault],
      retryAfter: undefined, request: 'request-1', name: 'AuthError',
    });
  });

  test('that has no answer is "offline"', async () => {
    const world = new World().on('GET /me', OUT);
    const auth = await world.tab();
    await assert.rejects(auth.forgot('ada@example.com'), { slug: 'offline', status: 0, name: 'AuthError' });
  });

  test('that a gateway answers by itself has a slug all the same', async () => {
    const world = new World().on('GET /me', OUT);
    const auth = await world.tab();
    for (const [status, slug] of [[404, 'internal'], [429, 'too-many-attempts'], [502, 'unavailable'], [504, 'unavailable']]) {
      world.on('POST /password/reset', { status, body: '<h1>x</h1>', isForeign: true, headers: { 'retry-after': '20' } });
      await assert.rejects(auth.forgot('ada@example.com'), { slug, status, retryAfter: 20 });
    }
  });
});

describe('503', () => {
  test('is waited for as long as Retry-After says, twice', async () => {
    const busy = problem(503, 'unavailable', { retry_after: 3 });
    const world = new World().on('GET /me', OUT).on('POST /password/reset', busy, BUSY, { status: 202 });
    const auth = await world.tab();
    await auth.forgot('ada@example.com');
    assert.deepEqual(world.waits, [3000, 1000]);
    world.on('POST /password/reset', busy);
    await assert.rejects(auth.forgot('ada@example.com'), { slug: 'unavailable', retryAfter: 3 });
    assert.equal(world.to('POST /password/reset').length, 6);
  });

  test('of a gateway is waited for as its header says', async () => {
    const busy = { status: 503, body: '', isForeign: true, headers: { 'retry-after': '4' } };
    const world = new World().on('GET /me', OUT).on('POST /password/reset', busy, { status: 202 });
    await (await world.tab()).forgot('ada@example.com');
    assert.deepEqual(world.waits, [4000]);
  });

  test('is left to the app if the wait is long, as every 429 is', async () => {
    const world = new World().on('GET /me', OUT);
    const auth = await world.tab();
    for (const [status, slug] of [[503, 'unavailable'], [429, 'too-many-attempts']]) {
      world.on('POST /password/reset', problem(status, slug, { retry_after: 30, detail: 'Wait.' }));
      await assert.rejects(auth.forgot('ada@example.com'), { slug, retryAfter: 30 });
    }
    assert.equal(world.to('POST /password/reset').length, 2);
  });
});

describe('a CSRF token of another session', () => {
  test('is fetched again, and the call repeated, once', async () => {
    const world = new World().on('GET /me', signedIn('ada'), signedIn('ada', 2)).on('DELETE /sessions', CSRF, DONE);
    const auth = await world.tab();
    await auth.endOthers();
    assert.deepEqual(world.routes(), ['GET /me', 'DELETE /sessions', 'GET /me', 'DELETE /sessions']);
    assert.equal(csrfOf(world.asked[3]), signedIn('ada', 2).body.csrf_token);
    world.on('DELETE /sessions', CSRF);
    await assert.rejects(auth.endOthers(), { slug: 'csrf' });
    assert.equal(world.to('DELETE /sessions').length, 4);
  });

  test('is not used for another user than the page shows', async () => {
    const world = new World().on('GET /me', signedIn('ada'), signedIn('bob')).on('POST /logout/all', CSRF);
    const auth = await world.tab();
    await assert.rejects(auth.logoutEverywhere(), { slug: 'csrf' });
    assert.equal(world.to('POST /logout/all').length, 1);
    assert.equal(auth.get().user.email, 'bob@example.com');
  });

  test('is the newest one, if another tab signs in again while it is fetched', async () => {
    const slow = later();
    const newest = later();
    const world = new World().on('GET /me', signedIn('ada')).on('POST /login', signedIn('ada', 3));
    const [auth, other] = [await world.tab(), await world.tab()];
    world.on('GET /me', slow.promise, newest.promise).on('DELETE /sessions', CSRF, DONE);
    const asked = auth.endOthers();
    await settled();
    await other.login(LOGIN);
    await settled();
    slow.give(signedIn('ada', 2));
    await settled();
    newest.give(signedIn('ada', 3));
    await asked;
    assert.equal(csrfOf(world.asked.at(-1)), signedIn('ada', 3).body.csrf_token);
  });

  test('does not stop a sign-in that another tab was faster with', async () => {
    const world = new World().on('GET /me', OUT, signedIn('bob')).on('POST /login', CSRF, signedIn('ada'));
    const auth = await world.tab();
    const now = await auth.login(LOGIN);
    assert.equal(now.user.email, 'ada@example.com');
    assert.equal(csrfOf(world.asked.at(-1)), signedIn('bob').body.csrf_token);
  });
});

describe('a sign-in that is too old', () => {
  const scene = async (confirm, ...answers) => {
    const world = new World().on('GET /me', signedIn('ada')).on('DELETE /sessions', ...answers);
    return { world, auth: await world.tab({ confirm }) };
  };

  test('is confirmed by the person, and the call is repeated', async () => {
    const asked = [];
    const { auth, world } = await scene(async (error) => asked.push(error.slug), OLD, DONE);
    await auth.endOthers();
    assert.deepEqual(asked, ['reauthenticate']);
    assert.equal(world.to('DELETE /sessions').length, 2);
  });

  test('is renewed with the password that the person gives, and the new CSRF token is used', async () => {
    const { auth, world } = await scene(async () => ({ password: PASSWORD }), OLD, DONE);
    world.on('POST /login', signedIn('ada', 2));
    await auth.endOthers();
    assert.deepEqual(world.to('POST /login')[0].body, LOGIN);
    assert.equal(csrfOf(world.asked.at(-1)), signedIn('ada', 2).body.csrf_token);
  });

  test('a wrong password there is told, and the call is not repeated', async () => {
    const { auth, world } = await scene(async () => ({ password: 'wrong' }), OLD, DONE);
    world.on('POST /login', problem(401, 'invalid-credentials'));
    await assert.rejects(auth.endOthers(), { slug: 'invalid-credentials' });
    assert.equal(world.to('DELETE /sessions').length, 1);
  });

  test('is an error if the person does not confirm, or the app cannot ask', async () => {
    for (const confirm of [async () => false, async () => null, undefined]) {
      const { auth, world } = await scene(confirm, OLD, DONE);
      await assert.rejects(auth.endOthers(), { slug: 'reauthenticate', status: 403 });
      assert.equal(world.to('DELETE /sessions').length, 1);
    }
  });

  test('is asked about once', async () => {
    let asked = 0;
    const { auth } = await scene(async () => { asked += 1; return true; }, OLD);
    await assert.rejects(auth.endOthers(), { slug: 'reauthenticate' });
    assert.equal(asked, 1);
  });

  test('a call is not repeated for a user who came in between', async () => {
    const { auth, world } = await scene(async () => (await auth.login({ ...LOGIN, email: 'bob@example.com' })).state, OLD, DONE);
    world.on('POST /login', signedIn('bob'));
    await assert.rejects(auth.endOthers(), { slug: 'reauthenticate' });
    assert.equal(world.to('DELETE /sessions').length, 1);
  });
});

describe('a mailed link', () => {
  test('that is followed twice at once is verified once', async () => {
    const slow = later();
    const world = new World().on('GET /me', OUT).on('POST /register/verify', slow.promise);
    const auth = await world.tab();
    const both = [auth.verify({ token: 'x' }), auth.verify({ token: 'x' })];
    slow.give({ ...signedIn('ada'), status: 201 });
    const [first, second] = await Promise.all(both);
    assert.equal(first, second);
    assert.equal(world.to('POST /register/verify').length, 1);
  });

  test('is not taken for another one, or for one with a password', async () => {
    const world = new World().on('GET /me', OUT).on('POST /register/verify', signedIn('ada'));
    const auth = await world.tab();
    await Promise.all([auth.verify({ token: 'x' }), auth.verify({ token: 'y' }), auth.verify({ token: 'x', password: PASSWORD })]);
    assert.equal(world.to('POST /register/verify').length, 3);
  });

  test('is verified again with the password that it needed', async () => {
    const fault = { pointer: '/password', code: 'other-browser', params: {}, detail: 'is needed' };
    const needed = problem(422, 'unusable-value', { detail: 'is needed', errors: [fault] });
    const world = new World().on('GET /me', OUT).on('POST /register/verify', needed, signedIn('ada'));
    const auth = await world.tab();
    await assert.rejects(auth.verify({ token: 'x' }), ({ errors }) => errors[0].code === 'other-browser');
    assert.equal((await auth.verify({ token: 'x', password: PASSWORD })).state, 'in');
  });
});

describe('the way to a provider', () => {
  const target = (place) => Object.fromEntries(new URL(place, API).searchParams);

  test('comes back to this page, by its whole address and without its fragment', async () => {
    const world = new World().on('GET /me', OUT);
    const auth = await world.tab();
    auth.loginWith('google');
    assert.equal(world.visited[0], '/login/google?return_to=https%3A%2F%2Fapp.example.com%2Finbox%3Funread%3D1');
  });

  test('comes back where the app says, and asks for a credential if the app says so', async () => {
    const world = new World().on('GET https://auth.example.com/v1/me', { ...OUT, isForeign: true, body: JSON.stringify(OUT.body) });
    const auth = await world.tab({ url: 'https://auth.example.com/v1' });
    auth.loginWith('google', { returnTo: '/settings#top', prompt: 'login' });
    const place = new URL(world.visited[0]);
    assert.equal(place.origin + place.pathname, 'https://auth.example.com/v1/login/google');
    assert.deepEqual(target(place), { return_to: 'https://app.example.com/settings#top', prompt: 'login' });
  });

  test('leads through the API when it adds a sign-in method, after a confirmation', async () => {
    const elsewhere = 'https://provider.example/authorize?x=1';
    const world = new World().on('GET /me', signedIn('ada')).on('POST /login/google', OLD, { status: 200, body: { location: elsewhere } });
    const auth = await world.tab({ confirm: async () => true });
    await auth.link('google', { returnTo: '/settings' });
    assert.deepEqual(world.visited, [elsewhere]);
    assert.deepEqual(target(world.asked.at(-1).search), { return_to: 'https://app.example.com/settings' });
  });
});

describe('a browser that drops the cookie', () => {
  const FAR = 'https://auth.example.com';
  const far = ({ status, body }) => ({ status, body: body && JSON.stringify(body), isForeign: true });

  test('is noticed after a sign-in at another origin', async () => {
    const world = new World().on(`GET ${FAR}/me`, far(OUT)).on(`POST ${FAR}/login`, far(signedIn('ada')));
    const auth = await world.tab({ url: FAR });
    await assert.rejects(auth.login(LOGIN), { slug: 'cookies-blocked', status: 0 });
    assert.equal(auth.get().state, 'out');
  });

  test('is none if the next answer knows the user', async () => {
    const world = new World().on(`GET ${FAR}/me`, far(OUT), far(signedIn('ada'))).on(`POST ${FAR}/login`, far(signedIn('ada')));
    const auth = await world.tab({ url: FAR });
    assert.equal((await auth.login(LOGIN)).state, 'in');
  });

  test('is not looked for at the own origin', async () => {
    const world = new World().on('GET /me', OUT).on('POST /login', signedIn('ada'));
    const auth = await world.tab();
    await auth.login(LOGIN);
    assert.deepEqual(world.routes(), ['GET /me', 'POST /login']);
  });
});

