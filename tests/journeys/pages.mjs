// What people do on the pages, without reading anything: in a real browser, in every language.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { after, before, describe, test } from 'node:test';
import { DEMO } from '../support/api.mjs';
import { browser, picture, watched } from '../support/chromium.mjs';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const PASSWORD = 'three quiet lanterns';
const ANOTHER = 'five loud lanterns';

// What a person reads on their way.
const LANGUAGES = {
  'en-US': {
    sent: 'Look at your mail', ready: 'Your account is ready', goOn: 'Continue', signIn: 'Sign in', here: 'This device',
    signOut: 'Sign out: Chrome on Linux', signedOut: 'The device is signed out.', othersOut: 'All your other devices are signed out.',
    cancelled: 'You cancelled the sign-in', isSet: 'Your new password is set', wrong: 'password', cut: 'The link is not complete',
    confirm: 'Confirm', other: 'Português',
  },
  'pt-BR': {
    sent: 'Veja seu e-mail', ready: 'Sua conta está pronta', goOn: 'Continuar', signIn: 'Entrar', here: 'Este dispositivo',
    signOut: 'Sair: Chrome no Linux', signedOut: 'O dispositivo foi desconectado.', othersOut: 'Todos os outros dispositivos foram desconectados.',
    cancelled: 'Você cancelou a entrada', isSet: 'Sua nova senha está definida', wrong: 'senha', cut: 'O link não está completo',
    confirm: 'Confirmar', other: 'English',
  },
};

const PAGES = ['/', '/login', '/login?problem=login-expired&request=abc', '/register', '/verify', '/password/forgot', '/password/reset#token=x', '/account', '/problem?problem=internal&request=abc'];

export function pages(api) {
  let running;
  before(async () => { running = await browser(api); });
  after(() => running.close());

  // A window whose pages obey their own policy: what a browser refuses is an error.
  const open = async (options) => {
    const context = await watched(api, await running.newContext({ viewport: { width: 1280, height: 800 }, ...options }));
    const page = await context.newPage();
    const errors = [];
    page.on('pageerror', (error) => errors.push(error.message));
    page.on('console', (message) => message.type() === 'error' && /Content.Security|Trusted/.test(message.text()) && errors.push(message.text()));
    return { context, page, close: async () => { await page.waitForLoadState('networkidle'); assert.deepEqual(errors, []); await context.close(); } };
  };
  const fill = async (page, values) => {
    for (const [name, value] of Object.entries(values)) await page.fill(`[name=${name}]`, value);
    await page.click('form button.primary');
  };
  const heading = (page, text) => page.getByRole('heading', { name: text, exact: true }).waitFor();
  // The link in the mail to this address that is the `count`th with one.
  const linkTo = async (address, count) => {
    for (let mails = 1; ; mails += 1) {
      const linking = (await api.mails(address, mails)).filter(({ text }) => text.includes('#token='));
      if (linking.length < count) continue;
      api.link(linking[count - 1]);
      return linking[count - 1].text.match(/http\S+#token=\S+/)[0];
    }
  };

  describe('on the pages', () => {
    for (const [locale, words] of Object.entries(LANGUAGES)) {
      const email = `newcomer.${locale.toLowerCase()}@example.com`;

      test(`${locale}: a stranger registers, opens the mail, and is in`, async () => {
        const { page, close } = await open({ locale });
        await page.goto(`${api.url}/register`);
        await fill(page, { email: 'nobody' });
        // All faults at once, each at its field, and the first has the focus.
        await page.locator('.fault').nth(1).waitFor();
        assert.equal(await page.evaluate('document.activeElement.name'), 'email');
        assert.deepEqual(await page.locator('[aria-invalid=true]').evaluateAll((all) => all.map(({ name }) => name)), ['email', 'password']);
        await fill(page, { name: 'New Comer', email, password: PASSWORD });
        await heading(page, words.sent);
        assert.ok((await page.innerText('main')).includes(email));
        await page.goto(await linkTo(email, 1));
        await heading(page, words.ready);
        assert.ok(!page.url().includes('token'), page.url());
        await page.click(`text=${words.goOn}`);
        await page.getByText(words.here).waitFor();
        assert.ok((await page.innerText('main')).includes('New Comer'));
        await close();
      });

      test(`${locale}: signs in on a second browser, sees both, and ends one`, async () => {
        const [first, second] = [await open({ locale }), await open({ locale })];
        for (const { page } of [first, second]) {
          await page.goto(`${api.url}/login`);
          await fill(page, { email, password: 'not this one' });
          await page.locator('[data-outcome]:not([hidden])').waitFor();
          assert.match(await page.innerText('[data-outcome]'), new RegExp(words.wrong, 'i'));
          await fill(page, { email, password: PASSWORD });
          await page.getByText(words.here).waitFor();
        }
        const rows = second.page.locator('#devices > li');
        const before = await rows.count();
        assert.ok(before >= 2, `${before}`);
        await second.page.getByRole('button', { name: words.signOut }).first().click();
        await second.page.getByText(words.signedOut).waitFor();
        assert.equal(await rows.count(), before - 1);
        await first.page.reload();
        await first.page.waitForURL(/\/login\?return_to=/);
        await Promise.all([first.close(), second.close()]);
      });

      test(`${locale}: cancels at the provider, and finds the way back`, async () => {
        const { page, close } = await open({ locale });
        await page.goto(`${api.url}/login`);
        await page.click('a[href*="/login/local"]');
        await page.click('text=[ Cancel ]');
        await page.getByText(words.cancelled).waitFor();
        assert.match(page.url(), /\/login\?problem=login-cancelled&request=/);
        await fill(page, { email, password: PASSWORD });
        await page.getByText(words.here).waitFor();
        await close();
      });

      test(`${locale}: forgets the password, and sets another`, async () => {
        const { page, close } = await open({ locale });
        await page.goto(`${api.url}/password/forgot`);
        await fill(page, { email });
        await heading(page, words.sent);
        const link = await linkTo(email, 2);
        await page.goto(link);
        await fill(page, { new_password: ANOTHER });
        await heading(page, words.isSet);
        await page.click(`main a:has-text("${words.signIn}")`);
        await fill(page, { email, password: ANOTHER });
        await page.getByText(words.here).waitFor();
        // The link is spent; without its token it is cut.
        await page.goto(link);
        await fill(page, { new_password: PASSWORD });
        await page.locator('[data-view=failed]:not([hidden])').waitFor();
        await page.goto(link.split('#')[0]);
        await heading(page, words.cut);
        await close();
      });

      test(`${locale}: changes the password, and signs out`, async () => {
        const { page, close } = await open({ locale });
        await page.goto(`${api.url}/login`);
        await fill(page, { email, password: ANOTHER });
        await page.locator('#password:not([hidden])').waitFor();
        await page.fill('[name=current_password]', ANOTHER);
        await page.fill('[name=new_password]', PASSWORD);
        await page.click('#password button.primary');
        await page.locator('#outcome.good').waitFor();
        await page.locator('#devices > li').nth(1).waitFor({ state: 'detached' });
        await page.click('#sign-out');
        await page.waitForURL(/\/login\?return_to=/);
        await close();
      });

      test(`${locale}: confirms that it is them when the sign-in is too old`, async () => {
        const [first, second] = [await open({ locale }), await open({ locale })];
        for (const { page } of [first, second]) {
          await page.goto(`${api.url}/login`);
          await fill(page, { email, password: PASSWORD });
          await page.getByText(words.here).waitFor();
        }
        const { page } = second;
        await page.locator('#others').waitFor();
        // What the API answers a quarter of an hour after the sign-in.
        const old = { type: '/problems/reauthenticate', title: 'x', status: 403, instance: 'x' };
        const refuse = (route) => route.fulfill({ status: 403, contentType: 'application/problem+json', json: old });
        await page.route(`${api.url}/sessions`, refuse, { times: 1 });
        await page.click('#others');
        await page.fill('#confirmation', PASSWORD);
        await page.click(`dialog button:has-text("${words.confirm}")`);
        await page.getByText(words.othersOut).waitFor();
        assert.equal(await page.locator('#devices > li').count(), 1);
        await Promise.all([first.close(), second.close()]);
      });

      test(`${locale}: chooses the other language, on every page that there is`, async () => {
        const { page, close } = await open({ locale });
        for (const path of ['/', '/login?return_to=/inbox']) {
          await page.goto(`${api.url}${path}`);
          const { lang } = await page.evaluate(() => ({ lang: document.documentElement.lang }));
          await page.click(`footer >> text=${words.other}`);
          await page.waitForURL((url) => !url.search.includes('language'));
          assert.notEqual(await page.evaluate(() => document.documentElement.lang), lang, path);
          await page.context().clearCookies();
        }
        await close();
      });
    }

    test('every page can be used by everybody: axe finds nothing, by day and by night, narrow and wide', async () => {
      for (const locale of Object.keys(LANGUAGES)) {
        for (const colorScheme of ['light', 'dark']) {
          const { page, close } = await open({ locale, colorScheme });
          await page.goto(`${api.url}/login`);
          await fill(page, DEMO);
          await page.waitForURL(/\/account/);
          for (const path of PAGES) {
            await page.goto(`${api.url}${path}`);
            await page.locator('main :is(h1, [role=alert]):visible').first().waitFor();
            await page.locator('[aria-busy]').waitFor({ state: 'detached' });
            for (const width of [320, 1280]) {
              await page.setViewportSize({ width, height: 800 });
              const name = `${path.replace(/\W+/g, '-').replace(/^-|-$/g, '') || 'start'}-${locale}-${colorScheme}-${width}`;
              await picture(api, page, name, { fullPage: true });
              assert.ok(await page.evaluate('document.documentElement.scrollWidth <= innerWidth'), `${name} is too wide`);
            }
            await page.evaluate(AXE);
            const { violations } = await page.evaluate('axe.run()');
            assert.deepEqual(violations.map(({ id, nodes }) => [id, ...nodes.map(({ html }) => html)]), [], `${path} ${locale} ${colorScheme}`);
          }
          await close();
        }
      }
    });

    test('with the keyboard alone a person signs in', async () => {
      const { page, close } = await open();
      await page.goto(`${api.url}/login`);
      await page.locator('#email').focus();
      await page.keyboard.type(DEMO.email);
      await page.keyboard.press('Tab');
      await page.keyboard.type(DEMO.password);
      await page.keyboard.press('Tab');
      await page.keyboard.press('Space');
      assert.equal(await page.getAttribute('#password', 'type'), 'text', 'the password is shown');
      await page.keyboard.press('Tab');
      await page.keyboard.press('Enter');
      await page.waitForURL(/\/account/);
      await close();
    });
  });
}
