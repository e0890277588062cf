// From an address to an account, and later changes: mails, passwords, the list of sessions, more ways to sign in.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Client, SESSION } from '../support/client.mjs';
import { atProvider, signIn } from '../support/provider.mjs';

const PASSWORD = 'mauve walrus underwrites jazz';
const OTHER = 'eleven quiet tractors, inland';
const SUBJECTS = {
  verify: /^Example: Confirm your email address/,
  known: /^Example: You already have an account/,
  reset: /^Example: Set a new password/,
  changed: /^Example: Your password was changed/,
  notice: /^Example: New sign-in/,
};

export function accounts(api) {
  const refused = (answer, status, slug) => {
    assert.equal(answer.status, status, answer.text);
    assert.equal(answer.body.type, `/problems/${slug}`);
  };
  const signedIn = async (email, password = PASSWORD) => {
    const client = new Client(api);
    const answer = await client.login({ email, password });
    assert.equal(answer.status, 200, answer.text);
    return { client, ...answer.body };
  };
  // The newest mail of a kind, as soon as there is one.
  const mail = async (to, kind) => {
    for (let count = 1; ; count += 1) {
      const mails = await api.mails(to, count);
      const found = mails.findLast(({ subject }) => SUBJECTS[kind].test(subject));
      if (found) return found;
      count = mails.length;
    }
  };
  const token = async (to, kind) => api.link(await mail(to, kind));
  // A user who has completed the registration: their browser, signed in.
  const joined = async (email, name) => {
    api.secrets.add('password', PASSWORD);
    const client = new Client(api);
    assert.equal((await client.post('/register', { json: { email, password: PASSWORD, name } })).status, 202);
    const answer = await client.post('/register/verify', { json: { token: await token(email, 'verify') } });
    assert.equal(answer.status, 201, answer.text);
    return { client, ...answer.body };
  };
  api.secrets.add('password', OTHER);

  describe(`accounts, on ${api.stores}`, () => {
    test('a proven address is an account, and an unproven one is none', async () => {
      const email = 'rosa@example.com';
      const client = new Client(api);
      const asked = await client.post('/register', { json: { email, password: PASSWORD, name: 'Rosa' } });
      assert.deepEqual([asked.status, asked.text], [202, '']);
      const mailed = await token(email, 'verify');
      refused(await new Client(api).login({ email, password: PASSWORD }), 401, 'invalid-credentials');

      const answer = await client.post('/register/verify', { json: { token: mailed } });
      assert.equal(answer.status, 201, answer.text);
      assert.deepEqual([answer.body.user.email, answer.body.user.email_verified], [email, true]);
      assert.equal((await client.get('/me')).body.user.id, answer.body.user.id);
      const again = await client.post('/register/verify', { json: { token: mailed } });
      assert.deepEqual([again.status, again.body.session.id], [200, answer.body.session.id]);
      refused(await new Client(api).post('/register/verify', { json: { token: mailed } }), 409, 'already-verified');
      assert.equal((await signedIn(email)).user.id, answer.body.user.id);
    });

    test('a link that another browser opens asks its reader for a password', async () => {
      const email = 'strange@example.com';
      const stranger = new Client(api);
      assert.equal((await stranger.post('/register', { json: { email, password: PASSWORD, name: 'Eve' } })).status, 202);
      const mailed = await token(email, 'verify');
      const owner = new Client(api);
      refused(await owner.post('/register/verify', { json: { token: mailed } }), 422, 'unusable-value');
      const answer = await owner.post('/register/verify', { json: { token: mailed, password: OTHER } });
      assert.equal(answer.status, 201, answer.text);
      assert.equal(answer.body.user.name, null);
      refused(await new Client(api).login({ email, password: PASSWORD }), 401, 'invalid-credentials');
      await signedIn(email, OTHER);
    });

    test('an address that has an account is told so by mail, and by nothing else', async () => {
      await joined('known@example.com');
      const asked = await new Client(api).post('/register', { json: { email: 'known@example.com', password: OTHER } });
      assert.deepEqual([asked.status, asked.text], [202, '']);
      assert.ok(await mail('known@example.com', 'known'));
      await signedIn('known@example.com');
    });

    test('what is easy to guess is no password', async () => {
      const client = new Client(api);
      const codes = { short: 'too-short', password1234: 'common', 'umberto@example.com': 'own-words', 'umberto umberto umberto': 'own-words' };
      for (const [password, code] of Object.entries(codes)) {
        const answer = await client.post('/register', { json: { email: 'umberto@example.com', password } });
        refused(answer, 422, 'unusable-value');
        assert.deepEqual(answer.body.errors.map(({ pointer, code }) => [pointer, code]), [['/password', code]]);
      }
    });

    test('every fault of a form is told after one request', async () => {
      const answer = await new Client(api).post('/register', { json: { email: 'no-address', password: '', name: '\u200b' } });
      refused(answer, 422, 'unusable-value');
      const told = answer.body.errors.map(({ pointer, code }) => [pointer, code]);
      assert.deepEqual(told, [['/email', 'not-an-address'], ['/password', 'empty'], ['/name', 'unprintable']]);
    });

    test('the list shows every session, and ends any of them', async () => {
      const { client, session } = await joined('lists@example.com');
      const other = await signedIn('lists@example.com');
      const { status, body } = await client.get('/sessions');
      assert.equal(status, 200);
      const listed = Object.fromEntries(body.sessions.map(({ id, current }) => [id, current]));
      assert.deepEqual(listed, { [session.id]: true, [other.session.id]: false });
      assert.deepEqual(body.sessions.map(({ ip }) => ip).sort(), [client.address, other.client.address].sort());
      assert.equal((await client.delete(`/sessions/${other.session.id}`)).status, 204);
      refused(await other.client.get('/me'), 401, 'signed-out');
      const third = await signedIn('lists@example.com');
      assert.equal((await client.delete('/sessions')).status, 204);
      refused(await third.client.get('/me'), 401, 'signed-out');
      assert.equal((await client.get('/me')).status, 200);
      const stranger = await joined('stranger@example.com');
      refused(await stranger.client.delete(`/sessions/${session.id}`), 404, 'not-found');
      assert.equal((await client.get('/me')).status, 200);
    });

    test('a changed password ends the others and gives this browser a new session', async () => {
      const { client } = await joined('changes@example.com');
      const [before, other] = [await client.cookie(SESSION), await signedIn('changes@example.com')];
      const change = { current_password: PASSWORD, new_password: OTHER };
      const wrong = { ...change, current_password: 'none of the right ones' };
      refused(await client.post('/password', { json: wrong }), 401, 'invalid-credentials');
      assert.equal((await client.post('/password', { json: change })).status, 200);
      assert.notEqual(await client.cookie(SESSION), before);
      assert.equal((await client.get('/me')).status, 200);
      refused(await other.client.get('/me'), 401, 'signed-out');
      refused(await new Client(api).login({ email: 'changes@example.com', password: PASSWORD }), 401, 'invalid-credentials');
      await signedIn('changes@example.com', OTHER);
      assert.ok(await mail('changes@example.com', 'changed'));
    });

    test('a reset ends every session and every device, once', async () => {
      const { client } = await joined('forgets@example.com');
      const credentials = { email: 'forgets@example.com', password: PASSWORD, device_name: 'Phone' };
      const device = await new Client(api).post('/device/login', { json: credentials });
      assert.equal(device.status, 200);
      const stranger = new Client(api);
      assert.equal((await stranger.post('/password/reset', { json: { email: 'forgets@example.com' } })).status, 202);
      const reset = { token: await token('forgets@example.com', 'reset'), new_password: OTHER };
      assert.equal((await stranger.post('/password/reset/confirm', { json: reset })).status, 204);
      refused(await client.get('/me'), 401, 'signed-out');
      const { refresh_token } = device.body;
      refused(await stranger.post('/device/refresh', { json: { refresh_token } }), 401, 'signed-out');
      // A repeat of a finished request does not do it twice.
      assert.equal((await stranger.post('/password/reset/confirm', { json: reset })).status, 204);
      const other = { ...reset, new_password: PASSWORD };
      refused(await stranger.post('/password/reset/confirm', { json: other }), 400, 'link-expired');
      await signedIn('forgets@example.com', OTHER);
      assert.equal((await stranger.post('/password/reset', { json: { email: 'nobody@example.com' } })).status, 202);
    });

    test('a provider is added to an account and taken away again, and the last way in stays', async () => {
      const { client, user } = await joined('links@example.com');
      const { status, body } = await client.post('/login/local?return_to=/inbox');
      assert.equal(status, 200);
      const back = await atProvider(client, body.location, 'somebody.else');
      const linked = await client.navigate(back);
      assert.deepEqual([linked.status, linked.location.pathname], [302, '/inbox']);
      const { identities } = (await client.get('/identities')).body;
      assert.deepEqual(identities.map(({ kind, provider }) => [kind, provider]), [['password', null], ['oidc', 'local']]);

      const throughProvider = new Client(api);
      assert.equal((await signIn(throughProvider, 'somebody.else')).status, 302);
      assert.equal((await throughProvider.get('/me')).body.user.id, user.id);
      const [password, provider] = identities;
      refused(await client.delete(`/identities/${password.id}`), 409, 'identity-needed');
      assert.equal((await client.delete(`/identities/${provider.id}`)).status, 204);
      refused(await client.delete(`/identities/${provider.id}`), 404, 'not-found');

      const only = new Client(api);
      assert.equal((await signIn(only, 'unverified.single')).status, 302);
      const me = await only.get('/me');
      const [last] = (await only.get('/identities')).body.identities;
      // The provider did not say when it had asked the person.
      refused(await only.delete(`/identities/${last.id}`), 403, 'reauthenticate');
      assert.equal((await signIn(only, 'unverified.single', '/login/local?prompt=login')).status, 302);
      assert.equal((await only.get('/me')).body.user.id, me.body.user.id);
      refused(await only.delete(`/identities/${last.id}`), 409, 'identity-needed');
      assert.equal((await only.get('/me')).body.user.id, me.body.user.id);
    });

    test('six wrong passwords from one address, and the owner gets in from another', async () => {
      await joined('guarded@example.com');
      const guesser = new Client(api);
      const guess = { email: 'guarded@example.com', password: 'none of the right ones' };
      const statuses = [];
      for (let number = 0; number < 6; number += 1) statuses.push((await guesser.login(guess)).status);
      assert.deepEqual(statuses, [401, 401, 401, 401, 401, 429]);
      const right = await guesser.login({ email: 'guarded@example.com', password: PASSWORD });
      refused(right, 429, 'too-many-attempts');
      assert.ok(Number(right.headers.get('retry-after')) > 0);
      await signedIn('guarded@example.com');
    });

    test('a sign-in from a new place is told by mail', async () => {
      const { client } = await joined('travels@example.com');
      // A browser that is recognized, in another network.
      const known = new Client(api, '192.0.2.8');
      await known.plant('__Host-browser', await client.cookie('__Host-browser'));
      assert.equal((await known.login({ email: 'travels@example.com', password: PASSWORD })).status, 200);
      // Another network, the same kind of program.
      const abroad = new Client(api, '203.0.113.9');
      assert.equal((await abroad.login({ email: 'travels@example.com', password: PASSWORD })).status, 200);
      assert.match((await mail('travels@example.com', 'notice')).text, /203\.0\.113\.9/);
      const mails = await api.mails('travels@example.com', 1);
      assert.equal(mails.filter(({ subject }) => SUBJECTS.notice.test(subject)).length, 1);
    });
  });
}
