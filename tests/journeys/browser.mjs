// How a browser behaves with the API: cookies across origins, pages that people see, malicious pages.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { DEMO } from '../support/api.mjs';
import { browser, picture, windowOf } from '../support/chromium.mjs';
import { SESSION } from '../support/client.mjs';
import { ATTACKER, site } from '../support/sites.mjs';

// `app` is the site of a front end that the API allowlists.
export function inBrowser(api, app) {
  const start = `${app.origin}/?api=${api.url}`;
  let running;
  let evil;
  before(async () => {
    running = await browser(api);
    evil = await site(ATTACKER, 'evil.localhost');
  });
  after(async () => {
    await evil.close();
    await running.close();
  });

  const open = async () => {
    const context = await windowOf(api, running);
    return { context, page: await context.newPage() };
  };
  const shows = (page, text) => page.locator('output', { hasText: text }).waitFor({ timeout: 10_000 });
  const sessionIn = async (context) => (await context.cookies(api.url)).find(({ name }) => name === SESSION);
  const signIn = async (page) => {
    await page.goto(start);
    await shows(page, 'You are signed out');
    await page.fill('[name=email]', DEMO.email);
    await page.fill('[name=password]', DEMO.password);
    await page.click('form button');
    await shows(page, `Signed in as ${DEMO.email}`);
  };
  // Fills in the provider's form.
  const atProvider = async (page, account) => {
    await page.fill('[name=login]', account);
    await page.fill('[name=password]', 'any');
    await picture(api, page, 'provider');
    await page.click('[type=submit]');
  };

  describe('in a browser', () => {
    test('a page of another origin signs in, stays so over a reload, and signs out', async () => {
      const { context, page } = await open();
      await signIn(page);
      const { value, ...cookie } = await sessionIn(context);
      assert.deepEqual([cookie.httpOnly, cookie.secure, cookie.sameSite, cookie.path], [true, true, 'None', '/']);
      assert.equal(await page.evaluate('document.cookie'), '');
      const reachable = '[document.documentElement.outerHTML, localStorage, sessionStorage]';
      assert.ok(!(await page.evaluate(`JSON.stringify(${reachable})`)).includes(value));
      await page.reload();
      await shows(page, `Signed in as ${DEMO.email}`);
      await picture(api, page, 'signed-in');
      await page.click('#leave');
      await shows(page, 'Signed out');
      assert.equal(await sessionIn(context), undefined);
      await page.reload();
      await shows(page, 'You are signed out');
      await context.close();
    });

    test('the provider sends a person back to the page they came from, signed in', async () => {
      const { context, page } = await open();
      await page.goto(start);
      await page.click('a');
      await atProvider(page, 'lin');
      await shows(page, 'Signed in as lin@example.com');
      assert.equal(page.url(), start);
      await picture(api, page, 'back-from-provider');
      await context.close();
    });

    test('without such a page they end at the start page of the app', async () => {
      const { context, page } = await open();
      await page.goto(`${api.url}/login/local`);
      await atProvider(page, 'lin');
      await page.waitForURL(`${api.url}/account`);
      await page.getByText('lin@example.com').first().waitFor();
      await picture(api, page, 'account');
      await context.close();
    });

    test('a callback that is asked for again leads to the same page, without another session', async () => {
      const { context, page } = await open();
      await page.goto(start);
      const [callback] = await Promise.all([
        page.waitForRequest((request) => request.url().startsWith(`${api.url}/callback/`)),
        page.click('a').then(() => atProvider(page, 'lin')),
      ]);
      await shows(page, 'Signed in as lin@example.com');
      const { value } = await sessionIn(context);
      await page.goto(callback.url());
      await shows(page, 'Signed in as lin@example.com');
      assert.deepEqual([page.url(), (await sessionIn(context)).value], [start, value]);
      await context.close();
    });

    test('a login that failed ends at the sign-in page, which learns why', async () => {
      const { context, page } = await open();
      await page.goto(`${api.url}/callback/local?code=x&state=unknown`);
      assert.match(page.url(), new RegExp(`^${api.url}/login\\?problem=login-expired&request=[^&]+$`));
      await picture(api, page, 'expired');
      await context.close();
    });

    test('a page that means harm is refused, though the browser sends the cookie along', async () => {
      const { context, page } = await open();
      await signIn(page);
      const attack = await context.newPage();
      await attack.goto(evil.origin);
      const forms = { '/logout': '', '/login': '{"email":"demo@example.com","password":"x"}', '/session/token': '{}' };
      for (const [path, body] of Object.entries(forms)) {
        const answer = await submitted(attack, `${api.url}${path}`, body);
        assert.equal((await answer.json()).type, '/problems/foreign-origin', path);
        await picture(api, attack, 'attack');
        await attack.goto(evil.origin);
      }
      for (const path of ['/logout', '/logout/all', '/session/token']) {
        const status = await attack.evaluate(fetched, { url: `${api.url}${path}`, headers: { 'x-csrf-token': 'x' } });
        // The browser asks before it sends such a header.
        assert.equal(status, 'not sent', path);
      }
      await page.reload();
      await shows(page, `Signed in as ${DEMO.email}`);
      await context.close();
    });
  });
}

// The answer to the attacker's form, which the browser sent with the victim's session.
async function submitted(page, action, body) {
  await page.evaluate(fillIn, { action, body });
  const [request] = await Promise.all([page.waitForRequest(action), page.click('button')]);
  const { cookie } = await request.allHeaders();
  assert.match(cookie, new RegExp(`${SESSION}=`));
  return request.response();
}

// The next two run in the attacker's page. Sent as plain text, a form's only field can be made to look like JSON.
function fillIn({ action, body }) {
  Object.assign(document.querySelector('form'), { action });
  document.querySelector('input').name = body;
}

async function fetched({ url, headers }) {
  try {
    const answer = await fetch(url, { method: 'POST', credentials: 'include', headers });
    return answer.status;
  } catch {
    return 'not sent';
  }
}
