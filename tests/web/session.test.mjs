// Who is signed in, as one tab and several tabs see it.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createAuth } from '../../clients/web/auth.js';
import { BUSY, DONE, later, OUT, problem, settled, signedIn, until, World } from './world.mjs';

const LOGIN = { email: 'ada@example.com', password: 'three quiet lanterns' };

describe('who is signed in', () => {
  test('is unknown until the first answer, and then a user or none', async () => {
    new World().on('GET /me', signedIn('ada'));
    const auth = createAuth();
    assert.deepEqual(auth.get(), { state: 'loading', user: null, session: null });
    const now = await auth.ready;
    assert.deepEqual([now.state, now.user.email], ['in', 'ada@example.com']);
    new World().on('GET /me', OUT);
    assert.deepEqual(await createAuth().ready, { state: 'out', user: null, session: null });
  });

  test('is one frozen object until something changes', async () => {
    const world = new World().on('GET /me', signedIn('ada'));
    const auth = await world.tab();
    const before = auth.get();
    assert.ok(Object.isFrozen(before));
    const changes = [];
    const stop = auth.subscribe((now) => changes.push(now.state));
    world.show(true);
    await until(auth, 'in');
    world.on('POST /logout', DONE);
    assert.equal(auth.get(), auth.get());
    await auth.logout();
    assert.deepEqual(changes, ['loading', 'in', 'out']);
    assert.notEqual(auth.get(), before);
    stop();
    world.on('POST /login', signedIn('ada', 2));
    await auth.login(LOGIN);
    assert.deepEqual(changes, ['loading', 'in', 'out']);
  });

  test('a look that finds nothing new changes nothing', async () => {
    const world = new World().on('GET /me', signedIn('ada'));
    const [auth, other] = [await world.tab(), await world.tab()];
    const before = auth.get();
    world.on('POST /login', signedIn('ada'));
    await other.login(LOGIN);
    await settled();
    assert.equal(world.to('GET /me').length, 3);
    assert.equal(auth.get(), before);
  });

  test('stays unknown while the API cannot tell, and says why', async () => {
    const world = new World().on('GET /me', BUSY, BUSY, BUSY, problem(500, 'internal'), signedIn('ada'));
    const auth = createAuth();
    const errors = [];
    auth.subscribe(({ error }) => errors.push(error?.slug));
    assert.equal((await auth.ready).state, 'in');
    assert.deepEqual(errors, ['unavailable', 'internal', undefined]);
    // Twice between three tries, then longer and longer.
    assert.deepEqual(world.waits, [1000, 1000, 1000, 2000]);
  });

  test('is asked again when the API says, not sooner', async () => {
    const world = new World().on('GET /me', problem(503, 'unavailable', { retry_after: 30 }), OUT);
    await createAuth().ready;
    assert.deepEqual(world.waits, [30_000]);
  });

  test('a page in the place of the API is no sign-out', async () => {
    const world = new World().on('GET /me', { status: 200, body: '<!doctype html>', isForeign: true }, OUT);
    const auth = createAuth();
    const errors = [];
    auth.subscribe(({ error }) => errors.push(error));
    await auth.ready;
    assert.deepEqual([errors[0].slug, errors[0].title], ['internal', '200 without a problem document']);
    assert.equal(world.asked.length, 2);
  });

  test('is not asked where pages are rendered on a server', async () => {
    const world = new World();
    delete globalThis.document;
    const auth = createAuth();
    await settled();
    assert.deepEqual([auth.get().state, world.asked], ['loading', []]);
  });
});

describe('a slow answer', () => {
  test('of GET /me does not bring the user back after a logout', async () => {
    const slow = later();
    const world = new World().on('GET /me', signedIn('ada')).on('POST /login', signedIn('ada')).on('POST /logout', DONE);
    const [auth, other] = [await world.tab(), await world.tab()];
    world.on('GET /me', slow.promise);
    await other.login(LOGIN);
    await settled();
    assert.equal(world.to('GET /me').length, 3);
    await auth.logout();
    assert.equal(auth.get().state, 'out');
    slow.give(signedIn('ada'));
    await settled();
    assert.equal(auth.get().state, 'out');
  });

  test('of the first GET /me does not bring the user back after a logout in another tab', async () => {
    const world = new World().on('GET /me', signedIn('ada')).on('POST /logout', DONE);
    const first = await world.tab();
    const slow = later();
    world.on('GET /me', slow.promise, OUT);
    const second = createAuth();
    await settled();
    await first.logout();
    await settled();
    slow.give(signedIn('ada'));
    await settled();
    assert.equal(second.get().state, 'out');
  });

  test('of a JWT is not used after a logout', async () => {
    const slow = later();
    const world = new World().on('GET /me', signedIn('ada')).on('POST /logout', DONE).on('POST /session/token', slow.promise, OUT);
    const auth = await world.tab();
    const asked = auth.token();
    await settled();
    await auth.logout();
    slow.give({ status: 200, body: { token: 'a.b.c', token_type: 'Bearer', expires_in: 300 } });
    await assert.rejects(asked, { slug: 'signed-out' });
  });

  test('of a login is checked if a sign-out came in between', async () => {
    const slow = later();
    const world = new World().on('GET /me', OUT, signedIn('ada'), OUT).on('POST /login', slow.promise).on('POST /logout', DONE);
    const [auth, other] = [await world.tab(), createAuth()];
    await other.ready;
    const asked = auth.login(LOGIN);
    await settled();
    await other.logout();
    await settled();
    slow.give(signedIn('ada'));
    await assert.rejects(asked, { slug: 'overtaken' });
    assert.equal(auth.get().state, 'out');
  });

  test('of a logout does not hide a sign-in that came in between', async () => {
    const slow = later();
    const world = new World().on('GET /me', signedIn('ada')).on('POST /logout', slow.promise).on('POST /login', signedIn('ada', 2));
    const auth = await world.tab();
    const asked = auth.logout();
    await auth.login(LOGIN);
    world.on('GET /me', signedIn('ada', 2));
    slow.give(DONE);
    await asked;
    assert.equal(auth.get().state, 'in');
  });

  test('that says "signed out" is not heeded after a new sign-in', async () => {
    const slow = later();
    const world = new World().on('GET /me', signedIn('ada')).on('GET /sessions', slow.promise).on('POST /login', signedIn('ada', 2));
    const auth = await world.tab();
    const asked = auth.sessions();
    await auth.login(LOGIN);
    slow.give(OUT);
    await assert.rejects(asked, { slug: 'signed-out' });
    assert.equal(auth.get().state, 'in');
  });
});

describe('signed out', () => {
  test('is shown as soon as any answer says so, in every tab', async () => {
    const world = new World().on('GET /me', signedIn('ada')).on('GET /sessions', OUT);
    const [auth, other] = [await world.tab(), await world.tab()];
    world.on('GET /me', OUT);
    await assert.rejects(auth.sessions(), { slug: 'signed-out', status: 401 });
    assert.equal(auth.get().state, 'out');
    await until(other, 'out');
  });

  test('a logout that fails leaves the user signed in', async () => {
    const world = new World().on('GET /me', signedIn('ada')).on('POST /logout', BUSY);
    const auth = await world.tab();
    await assert.rejects(auth.logout(), { slug: 'unavailable' });
    assert.equal(auth.get().state, 'in');
  });

  test('is what a reset, a logout everywhere and the end of the own session leave', async () => {
    const world = new World().on('GET /me', signedIn('ada')).on('POST /password/reset/confirm', DONE).on('POST /logout/all', DONE);
    for (const leave of [
      (auth) => auth.reset({ token: 'x', password: 'three quiet lanterns' }),
      (auth) => auth.logoutEverywhere(),
      (auth) => auth.endSession(auth.get().session.id),
    ]) {
      const auth = await world.tab();
      world.on(`DELETE /sessions/${auth.get().session.id}`, DONE);
      await leave(auth);
      assert.equal(auth.get().state, 'out');
    }
  });

  test('is not what the end of another session leaves', async () => {
    const other = 'b'.repeat(43);
    const world = new World().on('GET /me', signedIn('ada')).on(`DELETE /sessions/${other}`, DONE).on('DELETE /sessions', DONE);
    const auth = await world.tab();
    await auth.endSession(other);
    await auth.endOthers();
    assert.equal(auth.get().state, 'in');
  });
});

describe('between tabs', () => {
  test('a sign-in and a sign-out in one tab are seen in the other', async () => {
    const world = new World().on('GET /me', OUT).on('POST /login', signedIn('ada')).on('POST /logout', DONE);
    const [auth, other] = [await world.tab(), await world.tab()];
    world.on('GET /me', signedIn('ada'));
    await auth.login(LOGIN);
    assert.equal((await until(other, 'in')).user.email, 'ada@example.com');
    const asked = world.asked.length;
    await auth.logout();
    await until(other, 'out');
    // The other tab believes it without a question.
    assert.equal(world.asked.length, asked + 1);
  });

  test('a sign-in while the first answer is still on its way is asked about again', async () => {
    const slow = later();
    const world = new World().on('GET /me', OUT).on('POST /login', signedIn('ada'));
    const auth = await world.tab();
    world.on('GET /me', slow.promise, signedIn('ada'));
    const other = await world.tab();
    await auth.login(LOGIN);
    await until(other, 'in');
    slow.give(OUT);
    await settled();
    assert.equal(other.get().state, 'in');
  });

  test('tabs of two APIs do not speak to each other', async () => {
    const world = new World().on('GET /me', signedIn('ada')).on('GET /auth/me', signedIn('ada')).on('POST /logout', DONE);
    const [auth, other] = [await world.tab(), await world.tab({ url: '/auth' })];
    await auth.logout();
    await settled();
    assert.equal(other.get().state, 'in');
  });
});

describe('a page that comes back from the back-forward cache', () => {
  test('hides the user until it is known that they are still signed in', async () => {
    const world = new World().on('GET /me', signedIn('ada'));
    const auth = await world.tab();
    const slow = later();
    world.on('GET /me', slow.promise);
    world.show(true);
    assert.deepEqual([auth.get().state, auth.get().user], ['loading', null]);
    slow.give(OUT);
    await until(auth, 'out');
  });

  test('sees that a user has signed in meanwhile', async () => {
    const world = new World().on('GET /me', OUT);
    const auth = await world.tab();
    world.on('GET /me', signedIn('ada'));
    world.show(true);
    assert.equal(auth.get().state, 'out');
    await until(auth, 'in');
  });

  test('does not wait for what was asked before it was left', async () => {
    const world = new World().on('GET /me', OUT).on('POST /login', signedIn('ada'));
    const [auth, other] = [await world.tab(), await world.tab()];
    world.on('GET /me', later().promise, signedIn('ada'));
    await other.login(LOGIN);
    await settled();
    world.show(true);
    await until(auth, 'in');
  });

  test('is not asked about if it was loaded anew', async () => {
    const world = new World().on('GET /me', signedIn('ada'));
    await world.tab();
    world.show(false);
    await settled();
    assert.equal(world.asked.length, 1);
  });
});

