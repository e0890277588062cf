// `COOKIE_SAMESITE=Strict`, with a provider on another site: the app and the API are at 127.0.0.1, the provider at
// localhost.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Api, DEMO } from '../support/api.mjs';
import { browser, windowOf } from '../support/chromium.mjs';
import { SESSION } from '../support/client.mjs';
import { FRONT_END, site } from '../support/sites.mjs';

export function strict() {
  let api;
  let app;
  let running;
  before(async () => {
    app = await site(FRONT_END, '127.0.0.1');
    const variables = (port) => {
      const here = `http://127.0.0.1:${port}`;
      const origins = `${here},${app.origin}`;
      return { COOKIE_SAMESITE: 'Strict', PUBLIC_URL: here, APP_URL: app.origin, ALLOWED_ORIGINS: origins };
    };
    api = await Api.start({ front: 'host', redis: false, variables });
    running = await browser(api);
  });
  after(async () => {
    await running?.close();
    await api?.dispose();
    await app?.close();
  });

  // A window at the app, with the requests that it has made for a callback.
  const open = async () => {
    const context = await windowOf(api, running);
    const page = await context.newPage();
    const callbacks = [];
    page.on('request', (request) => {
      if (request.url().startsWith(`${api.url}/callback/`)) callbacks.push(request.allHeaders());
    });
    await page.goto(`${app.origin}/?api=${api.url}`);
    await shows(page, 'You are signed out');
    return { context, page, callbacks };
  };
  const shows = (page, text) => page.locator('output', { hasText: text }).waitFor({ timeout: 10_000 });
  const atProvider = async (page, account) => {
    await page.fill('[name=login]', account);
    await page.fill('[name=password]', 'any');
    await page.click('[type=submit]');
  };
  const sessionIn = async (context) => (await context.cookies(api.url)).find(({ name }) => name === SESSION);
  // There were two requests for the callback: the one that another site began came without this session, the other with it.
  const twice = async (callbacks, session) => {
    const headers = await Promise.all(callbacks);
    const told = headers.map((one) => [one['sec-fetch-site'] === 'cross-site', (one.cookie ?? '').includes(session)]);
    assert.deepEqual(told, [[true, false], [false, true]]);
  };
  const byPassword = async (page) => {
    await page.fill('[name=email]', DEMO.email);
    await page.fill('[name=password]', DEMO.password);
    await page.click('form button');
    await shows(page, `Signed in as ${DEMO.email}`);
  };

  describe('with a strict cookie and a provider on another site', () => {
    test('a sign-in replaces the session that the browser keeps back from the provider', async () => {
      const { context, page, callbacks } = await open();
      await byPassword(page);
      const before = await sessionIn(context);
      assert.equal(before.sameSite, 'Strict');
      await page.click('a');
      await atProvider(page, 'lin');
      await shows(page, 'Signed in as lin@example.com');
      assert.equal(page.url(), `${app.origin}/?api=${api.url}`);
      await twice(callbacks, before.value);
      const old = await fetch(`${api.url}/me`, { headers: { cookie: `${SESSION}=${before.value}` } });
      assert.equal(old.status, 401);
      await context.close();
    });

    test('a provider is added to the account that is signed in', async () => {
      const { context, page, callbacks } = await open();
      await byPassword(page);
      const { value } = await sessionIn(context);
      const add = "ask('/login/local', { method: 'POST' }).then(({ location }) => location)";
      await page.goto(await page.evaluate(add));
      await atProvider(page, 'strict');
      await page.waitForURL(`${app.origin}/`);
      await twice(callbacks, value);
      const cookie = `${SESSION}=${value}`;
      const { identities } = await (await fetch(`${api.url}/identities`, { headers: { cookie } })).json();
      assert.ok(identities.some(({ email }) => email === 'strict@example.com'), JSON.stringify(identities));
      await context.close();
    });
  });
}
