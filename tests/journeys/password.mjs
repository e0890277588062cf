// Signing in with a password, using the session, and signing out.

import { createRemoteJWKSet, jwtVerify } from 'jose';
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { DEMO } from '../support/api.mjs';
import { Client, SESSION } from '../support/client.mjs';
import { verifiedByPython } from '../support/python.mjs';
import { redis } from '../support/redis.mjs';

export function password(api) {
  const withRedis = 'REDIS_URL' in api.settings;
  const flush = () => redis(api.settings.REDIS_URL, 'FLUSHALL');
  const signedIn = async () => {
    const client = new Client(api);
    const answer = await client.login(DEMO);
    assert.equal(answer.status, 200);
    return { client, ...answer.body };
  };
  const refused = (answer, status, slug) => {
    assert.equal(answer.status, status);
    assert.equal(answer.body.type, `/problems/${slug}`);
  };

  describe(`with a password, on ${api.stores}`, () => {
    test('a login gives a session that /me knows', async () => {
      const { client, user, session, csrf_token } = await signedIn();
      assert.equal(user.email, DEMO.email);
      assert.equal(session.auth_method, 'password');
      const me = await client.get('/me');
      assert.deepEqual([me.status, me.body.user, me.body.csrf_token], [200, user, csrf_token]);
      assert.equal(me.body.session.id, session.id);
    });

    test('the token of a session is in its cookie and nowhere else', async () => {
      const client = new Client(api);
      const answer = await client.login(DEMO);
      const token = await client.cookie(SESSION);
      const others = [...answer.headers].filter(([name]) => name !== 'set-cookie');
      assert.ok(!`${answer.text}${JSON.stringify(others)}`.includes(token));
    });

    test('a wrong password and an unknown address are one answer', async () => {
      const wrong = { email: DEMO.email, password: 'not the password of demo' };
      const unknown = { email: 'nobody@example.com', password: 'a password of nobody' };
      const answers = [];
      for (const credentials of [wrong, unknown]) {
        api.secrets.add('password', credentials.password);
        const answer = await new Client(api).login(credentials);
        refused(answer, 401, 'invalid-credentials');
        answers.push({ ...answer.body, instance: undefined });
      }
      assert.deepEqual(...answers);
    });

    test('a login over a live session ends that one, and needs its CSRF token', async () => {
      const { client, csrf_token } = await signedIn();
      const first = await client.cookie(SESSION);
      refused(await client.post('/login', { json: DEMO, csrf: false }), 403, 'csrf');
      assert.equal((await client.post('/login', { json: DEMO, csrf: csrf_token })).status, 200);
      const old = new Client(api);
      await old.plant(SESSION, first);
      refused(await old.get('/me'), 401, 'signed-out');
      assert.equal((await client.get('/me')).status, 200);
    });

    test('a session is traded for a JWT that others verify with the published keys', async () => {
      const { client, user, session } = await signedIn();
      const { status, body } = await client.post('/session/token');
      assert.deepEqual([status, body.token_type, body.expires_in], [200, 'Bearer', 300]);

      const keys = new URL('/.well-known/jwks.json', api.url);
      assert.equal((await new Client(api).get(keys)).headers.get('cache-control'), 'public, max-age=300');
      const expected = { issuer: api.url, audience: 'api' };
      const options = { ...expected, typ: 'at+jwt', algorithms: ['ES256'] };
      const { payload } = await jwtVerify(body.token, createRemoteJWKSet(keys), options);
      assert.deepEqual([payload.sub, payload.sid, payload.exp - payload.iat], [user.id, session.id, 305]);
      assert.deepEqual(await verifiedByPython({ token: body.token, keys: keys.href, ...expected }), payload);

      refused(await client.post('/session/token', { csrf: false }), 403, 'csrf');
      refused(await client.post('/session/token', { json: { audience: 'another' } }), 422, 'unusable-value');
    });

    if (withRedis) {
      test('a session survives a Redis that lost everything', async () => {
        const { client, session } = await signedIn();
        const kept = () => redis(api.settings.REDIS_URL, 'EXISTS', `session:${session.id}`);
        assert.equal(await kept(), '1');
        await flush();
        assert.equal(await kept(), '0');
        assert.equal((await client.get('/me')).status, 200);
        assert.equal(await kept(), '1');
      });
    }

    test('a logout needs the CSRF token, takes the cookie, and is for good', async () => {
      const { client } = await signedIn();
      const token = await client.cookie(SESSION);
      refused(await client.post('/logout', { csrf: false }), 403, 'csrf');
      refused(await client.post('/logout', { headers: { origin: 'https://evil.example' } }), 403, 'foreign-origin');
      assert.equal((await client.get('/me')).status, 200);

      assert.equal((await client.post('/logout')).status, 204);
      assert.equal(await client.cookie(SESSION), undefined);
      for (const lost of [false, true]) {
        if (lost && withRedis) await flush();
        await client.plant(SESSION, token);
        refused(await client.get('/me'), 401, 'signed-out');
        // Another tab may have signed in meanwhile: a 401 removes no cookie.
        assert.equal(await client.cookie(SESSION), token);
      }
    });
  });
}
