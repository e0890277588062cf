// Signing in through an OpenID Connect provider: real redirects, real forms, real cookies.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, test } from 'node:test';
import { DEMO } from '../support/api.mjs';
import { Client, SESSION } from '../support/client.mjs';
import { NOBODY, atProvider, comeBack, signIn } from '../support/provider.mjs';

const sha256 = (text) => createHash('sha256').update(text).digest('base64url');
const attemptCookie = (state) => `__Host-login_${sha256(state).slice(0, 16)}`;
const attemptsOf = async (client) => (await client.cookieNames()).filter((name) => name.startsWith('__Host-login_'));

export function oidc(api) {
  // A user who has signed in through the provider: their browser and the answer of /me.
  const enter = async (account) => {
    const client = new Client(api);
    const callback = await signIn(client, account);
    assert.equal(callback.status, 302, callback.text);
    assert.equal((await client.navigate(callback.location)).status, 200);
    const me = await client.get('/me');
    return { client, ...me.body };
  };
  // A person whose sign-in failed comes to the sign-in page, which learns why, and where the next one is to end.
  const ledBack = ({ status, location }, problem, returnTo) => {
    assert.deepEqual([status, location.href.split('?')[0]], [303, `${api.url}/login`]);
    const { request, ...told } = Object.fromEntries(location.searchParams);
    assert.deepEqual(told, { problem, ...(returnTo && { return_to: returnTo }) });
    assert.ok(request);
  };

  describe(`through a provider, on ${api.stores}`, () => {
    test('the redirect carries state, nonce and a PKCE challenge that only this browser can meet', async () => {
      const client = new Client(api);
      const { status, location } = await client.navigate('/login/local');
      const sent = Object.fromEntries(location.searchParams);
      assert.deepEqual([status, location.origin], [302, api.issuer]);
      assert.equal(sent.response_type, 'code');
      assert.equal(sent.client_id, api.settings.OIDC_LOCAL_CLIENT_ID);
      assert.equal(sent.redirect_uri, `${api.url}/callback/local`);
      assert.equal(sent.code_challenge_method, 'S256');
      for (const secret of [sent.state, sent.nonce]) assert.match(secret, /^[\w-]{43}$/);

      assert.deepEqual(await attemptsOf(client), [attemptCookie(sent.state)]);
      const kept = JSON.parse(Buffer.from(await client.cookie(attemptCookie(sent.state)), 'base64url'));
      assert.deepEqual([kept.state, kept.nonce], [sent.state, sent.nonce]);
      assert.equal(sha256(kept.verifier), sent.code_challenge);
    });

    test('somebody new gets an account, and is the same user the next time', async () => {
      const first = await enter('ada');
      const { email, email_verified, name } = first.user;
      assert.deepEqual([email, email_verified, name], ['ada@example.com', true, 'Ada']);
      assert.equal(first.session.auth_method, 'oidc:local');
      const second = await enter('ada');
      assert.equal(second.user.id, first.user.id);
      assert.notEqual(second.session.id, first.session.id);
      assert.notEqual((await enter('grace')).user.id, first.user.id);
    });

    test('a login ends where it was asked to, and nowhere else', async () => {
      const client = new Client(api);
      const callback = await signIn(client, 'ada', '/login/local?return_to=/inbox?x=1');
      assert.equal(callback.location.href, `${api.url}/inbox?x=1`);
      const elsewhere = await client.navigate('/login/local?return_to=https://evil.example/');
      ledBack(elsewhere, 'bad-request');
    });

    test('a page of another site begins no sign-in by itself', async () => {
      const client = new Client(api);
      const headers = { accept: 'text/html', 'sec-fetch-site': 'cross-site', 'sec-fetch-dest': 'iframe' };
      ledBack(await client.get('/login/local', { headers }), 'foreign-origin');
      assert.deepEqual(await attemptsOf(client), []);
    });

    test('whoever is to be asked by the provider is asked, though it knows them', async () => {
      const { client, user } = await enter('ada');
      const begun = await client.navigate('/login/local?prompt=login');
      assert.equal(begun.location.searchParams.get('max_age'), '0');
      const asked = await client.navigate(begun.location);
      assert.match(asked.location.pathname, /^\/interaction\//);
      assert.equal((await signIn(client, 'ada', '/login/local?prompt=login')).status, 302);
      const again = (await client.get('/me')).body;
      assert.equal(again.user.id, user.id);
      // The provider said when it asked: ending the other sessions requires that.
      assert.equal((await client.delete('/sessions')).status, 204);
    });

    test('a proven address joins the account that has it', async () => {
      const byPassword = await new Client(api).login(DEMO);
      const { user } = await enter('demo');
      assert.deepEqual([user.id, user.email], [byPassword.body.user.id, DEMO.email]);
    });

    test('an address without proof joins nobody', async () => {
      await api.addUser('unverified.owner@example.com', 'the owner has a password');
      const client = new Client(api);
      ledBack(await signIn(client, 'unverified.owner'), 'account-exists', api.settings.APP_URL);
      assert.deepEqual((await client.cookieNames()).filter((name) => name.startsWith('__Host-')), []);
      assert.equal((await client.get('/me')).status, 401);
    });

    test('a callback that has worked leads on once more in that browser, and nowhere else', async () => {
      const client = new Client(api);
      const back = await comeBack(client, 'ada', '/login/local?return_to=/inbox');
      const name = attemptCookie(back.searchParams.get('state'));
      const kept = await client.cookie(name);
      assert.equal((await client.navigate(back)).status, 302);
      const { session } = (await client.get('/me')).body;

      for (const again of [await client.navigate(back), await client.get(back)]) {
        assert.deepEqual([again.status, again.location.href], [303, `${api.url}/inbox`]);
      }
      assert.equal((await client.get('/me')).body.session.id, session.id);
      ledBack(await new Client(api).navigate(back), 'login-expired');
      await client.plant(name, kept);
      ledBack(await client.navigate(back), 'login-refused', `${api.url}/inbox`);
      assert.equal(await client.cookie(name), undefined);
      // A program gets the same as a problem document, and the session was not harmed.
      assert.equal((await client.get(back)).body.type, '/problems/login-expired');
      assert.equal((await client.get('/me')).status, 200);
    });

    test('a person who says no at the provider is told so', async () => {
      const client = new Client(api);
      const back = await comeBack(client, NOBODY);
      assert.equal(back.searchParams.get('error'), 'access_denied');
      ledBack(await client.navigate(back), 'login-cancelled', api.settings.APP_URL);
      assert.deepEqual(await attemptsOf(client), []);
    });

    test('a provider that there is not leads back, and so does one that is not added', async () => {
      ledBack(await new Client(api).navigate('/login/nobody?return_to=/inbox'), 'not-found', `${api.url}/inbox`);
      const client = new Client(api);
      assert.equal((await client.login(DEMO)).status, 200);
      const begun = await client.post('/login/local?return_to=/settings');
      const back = await atProvider(client, begun.body.location, 'nobody.yet');
      assert.equal((await client.post('/logout')).status, 204);
      const { status, location } = await client.navigate(back);
      assert.deepEqual([status, location.pathname, location.searchParams.get('problem')], [303, '/account', 'login-expired']);
    });

    test('two tabs of one browser sign in at once', async () => {
      const client = new Client(api);
      const one = await comeBack(client, 'ada');
      const other = await comeBack(client, 'ada');
      assert.equal((await attemptsOf(client)).length, 2);
      const answers = await Promise.all([one, other].map((back) => client.navigate(back)));
      assert.deepEqual(answers.map(({ status }) => status), [302, 302]);
      assert.equal((await client.get('/me')).status, 200);
    });

    test('a login leaves the session that was there before dead', async () => {
      const { client } = await enter('ada');
      const before = new Client(api);
      await before.plant(SESSION, await client.cookie(SESSION));
      assert.equal((await signIn(client, 'grace')).status, 302);
      assert.equal((await before.get('/me')).status, 401);
      assert.equal((await client.get('/me')).status, 200);
    });

    test('signing out everywhere ends every browser of that user and nobody else', async () => {
      const [here, there, other] = [await enter('ada'), await enter('ada'), await enter('grace')];
      assert.equal((await here.client.post('/logout/all', { csrf: other.csrf_token })).status, 403);
      assert.equal((await here.client.post('/logout/all', { csrf: here.csrf_token })).status, 204);
      assert.equal((await here.client.get('/me')).status, 401);
      assert.equal((await there.client.get('/me')).status, 401);
      assert.equal((await there.client.post('/session/token', { csrf: there.csrf_token })).status, 401);
      assert.equal((await other.client.get('/me')).status, 200);
      assert.equal((await enter('ada')).user.id, here.user.id);
    });
  });
}
