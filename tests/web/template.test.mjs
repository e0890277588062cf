// The client in a browser, in the React template of create-vite: tabs, the back button, mails, providers, and other sites.

import { createRemoteJWKSet, jwtVerify } from 'jose';
import assert from 'node:assert/strict';
import { basename, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { Api, DEMO, ROOT } from '../support/api.mjs';
import { browser, picture, windowOf, windowWithCookies } from '../support/chromium.mjs';
import { APP, check, developed, isTheTemplate, make, port, remove, served } from './project.mjs';

const PASSWORD = 'mauve walrus underwrites jazz';
const [cross, own] = [await port(), await port()];
// To a browser these two are different sites.
const [APART, FAR] = [`http://localhost:${cross}`, `http://127.0.0.1:${cross}`];
const ONE = `http://localhost:${own}`;

const api = await Api.start({
  front: 'host',
  redis: false,
  variables: { ALLOWED_ORIGINS: [APART, FAR, ONE].join(), APP_URL: `${APART}/` },
});
after(() => api.dispose());
api.secrets.add('password', PASSWORD);

describe('in the React template of create-vite', () => {
  let running;
  const ends = [];
  before(async () => {
    await make();
    await check(api.url);
    ends.push(await served(cross, api.url), await developed(own));
    running = await browser(api, { backForwardCache: true });
  });
  after(async () => {
    await running?.close();
    for (const end of ends) end();
    await remove();
  });

  const shows = (page, text) => page.locator('output', { hasText: text }).waitFor({ timeout: 20_000 });
  const press = (page, id) => page.click(`#${id}`);
  const fill = async (page, { email, password }) => {
    await page.fill('[name=email]', email);
    await page.fill('[name=password]', password);
  };
  const signIn = async (page, start) => {
    await page.goto(start);
    await shows(page, 'You are signed out');
    await fill(page, DEMO);
    await press(page, 'login');
  };
  const isIn = (page, email = DEMO.email) => shows(page, `Signed in as ${email}`);
  const context = () => windowOf(api, running);
  // The plain page of the README, with the files as the API serves them.
  const plain = async () => {
    const window = await context();
    const files = (name) => ({ path: join(ROOT, 'clients/web', name), contentType: 'text/javascript' });
    await window.route(/\/auth\/(auth|socket)\.js$/, (route, request) => route.fulfill(files(basename(new URL(request.url()).pathname))));
    const page = await window.newPage();
    await page.goto(`${ONE}/plain.html`);
    return { window, page };
  };

  test('the versions are the template’s, with its strictness', isTheTemplate);

  test('a server that renders the page says that it does not know yet who is signed in', async () => {
    const { createElement } = await import(join(APP, '../node_modules/react/index.js'));
    const { renderToString } = (await import(join(APP, '../node_modules/react-dom/server.node.js'))).default;
    const { createAuth } = await import(join(APP, 'node_modules/@serverless-login/web/auth.js'));
    const { AuthProvider, SignedIn } = await import(join(APP, 'node_modules/@serverless-login/web/react.js'));
    const shown = createElement(SignedIn, { loading: 'unknown', otherwise: 'out' }, 'in');
    assert.equal(renderToString(createElement(AuthProvider, { auth: createAuth() }, shown)), 'unknown');
  });

  for (const [what, start] of [['an API of another origin', APART], ['an API of the same origin', ONE]]) {
    test(`with ${what}, two tabs sign in and out together, and a reload changes nothing`, async () => {
      const window = await context();
      const [first, second] = [await window.newPage(), await window.newPage()];
      await second.goto(start);
      await shows(second, 'You are signed out');
      await signIn(first, start);
      await Promise.all([isIn(first), isIn(second)]);
      await first.reload();
      await isIn(first);
      await picture(api, first, 'template');
      await press(second, 'logout');
      await Promise.all([shows(first, 'You are signed out'), shows(second, 'You are signed out')]);
      await window.close();
    });

    test(`with ${what}, the back button after a sign-out shows no user`, async () => {
      const window = await context();
      const page = await window.newPage();
      await signIn(page, start);
      await isIn(page);
      await page.goto(`${start}/?other`);
      await isIn(page);
      await press(page, 'logout');
      await shows(page, 'You are signed out');
      await page.goBack();
      await shows(page, 'You are signed out');
      assert.equal(new URL(page.url()).search, '');
      await window.close();
    });
  }

  test('a page from the back-forward cache asks again who is signed in', async () => {
    const window = await context();
    const page = await window.newPage();
    await page.addInitScript('addEventListener("pageshow", ({ persisted }) => { window.cameBack = persisted; })');
    await signIn(page, APART);
    await isIn(page);
    await page.goto('about:blank');
    await window.clearCookies();
    // It is not loaded again.
    await page.goBack({ waitUntil: 'commit' });
    await shows(page, 'You are signed out');
    assert.equal(await page.evaluate('window.cameBack'), true);
    await window.close();
  });

  test('the plain page of the README shows who is signed in', async () => {
    const { window, page } = await plain();
    await page.locator('#who', { hasText: 'Signed out' }).waitFor();
    const app = await window.newPage();
    await signIn(app, ONE);
    await page.locator('#who', { hasText: `Hello, ${DEMO.email}` }).waitFor();
    await page.click('#leave');
    await shows(app, 'You are signed out');
    await window.close();
  });

  test('a service gets a token that it can verify, in a request and in a socket', async () => {
    const keys = createRemoteJWKSet(new URL('/.well-known/jwks.json', api.url));
    const whose = async (token) => (await jwtVerify(token, keys, { issuer: api.url, audience: 'api' })).payload.sub;
    const seen = {};
    const { window, page } = await plain();
    await window.route('http://service.localhost/**', async (route, request) => {
      const { authorization } = await request.allHeaders();
      seen.request = authorization && (await whose(authorization.replace('Bearer ', '')));
      const headers = { 'access-control-allow-origin': '*', 'access-control-allow-headers': 'authorization' };
      await route.fulfill({ body: 'yours', headers });
    });
    await window.routeWebSocket('ws://service.localhost/chat', (socket) => socket.onMessage(async (text) => {
      const { type, token, hello } = JSON.parse(text);
      if (type === 'token') seen.socket = await whose(token);
      else socket.send(JSON.stringify({ hello }));
    }));
    await signIn(await window.newPage(), ONE);
    await page.locator('#who', { hasText: 'Hello' }).waitFor();
    const { user, answer, message } = await page.evaluate(async () => {
      const { createAuth } = await import('/auth/auth.js');
      const auth = createAuth({ url: '/auth', apis: ['http://service.localhost'] });
      const { user } = await auth.ready;
      const answer = await (await auth.fetch('http://service.localhost/agents')).text();
      const message = await new Promise((onMessage) => {
        auth.socket('ws://service.localhost/chat', { onMessage }).send({ hello: 'there' });
      });
      return { user: user.id, answer, message };
    });
    assert.deepEqual([answer, message], ['yours', { hello: 'there' }]);
    assert.deepEqual(seen, { request: user, socket: user });
    await window.close();
  });

  test('a mailed link is verified once, though StrictMode asks twice', async () => {
    const window = await context();
    const page = await window.newPage();
    const email = 'strict@example.com';
    await page.goto(ONE);
    await fill(page, { email, password: PASSWORD });
    await press(page, 'register');
    await shows(page, 'Look into your mail');
    const token = api.link((await api.mails(email))[0]);
    const asked = [];
    page.on('request', (request) => request.method() === 'POST' && asked.push(new URL(request.url()).pathname));
    await page.goto(`${ONE}/verify#token=${token}`);
    await shows(page, `Your account is ready ${email}`);
    assert.deepEqual(asked, ['/auth/register/verify']);
    await window.close();
  });

  test('a provider sends the person back to the page that they came from', async () => {
    const window = await context();
    const page = await window.newPage();
    await page.goto(`${APART}/?from=here`);
    await press(page, 'provider');
    await page.fill('[name=login]', 'lin');
    await page.fill('[name=password]', 'any');
    await page.click('[type=submit]');
    await isIn(page, 'lin@example.com');
    assert.equal(page.url(), `${APART}/?from=here`);
    await window.close();
  });

  test('a wrong password is told in words', async () => {
    const window = await context();
    const page = await window.newPage();
    await page.goto(APART);
    await fill(page, { ...DEMO, password: 'none of the right ones' });
    await press(page, 'login');
    await shows(page, 'That did not match. Check your email address and your password.');
    await window.close();
  });

  test('on another site, the person is told that the browser blocks the cookie', async () => {
    const window = await windowWithCookies(api, { ofOtherSites: false });
    const page = await window.newPage();
    await signIn(page, FAR);
    await shows(page, 'Your browser did not keep you signed in. It blocks the cookies of this service.');
    await picture(api, page, 'cookies-blocked');
    await window.close();
  });

  test('on another site, a browser that blocks nothing signs in', async () => {
    const window = await windowWithCookies(api, { ofOtherSites: true });
    const page = await window.newPage();
    await signIn(page, FAR);
    await isIn(page);
    await window.close();
  });
});
