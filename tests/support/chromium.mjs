// A real browser.

import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { chromium } from 'playwright-core';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
const APPLICATIONS = ['Chromium', 'Google Chrome'].map((name) => `/Applications/${name}.app/Contents/MacOS/${name}`);
// No sandbox, because containers run as root; no features that use the internet by themselves.
const OPTIONS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run']
  .concat('--disable-background-networking', '--disable-component-update', '--disable-sync');

// Starts the browser that `CHROMIUM` names, or the first that is installed. Its files are below the API's directory and
// are deleted with it. Playwright switches the back-forward cache off, unless it is wanted.
export async function browser(api, { backForwardCache = false } = {}) {
  const ignoreDefaultArgs = backForwardCache ? ['--disable-back-forward-cache'] : [];
  return chromium.launch({ ...(await options(api)), ignoreDefaultArgs });
}

// A browser of its own, with this setting for the cookies of other sites.
export async function windowWithCookies(api, { ofOtherSites }) {
  const directory = await mkdtemp(join(api.directory, 'profile-'));
  await mkdir(join(directory, 'Default'));
  // Chromium's `CookieControlsMode`: off, or block third parties.
  const profile = { cookie_controls_mode: ofOtherSites ? 0 : 1 };
  await writeFile(join(directory, 'Default/Preferences'), JSON.stringify({ profile }));
  return watched(api, await chromium.launchPersistentContext(directory, await options(api)));
}

async function options(api) {
  const scratch = join(api.directory, 'browser');
  await mkdir(scratch, { recursive: true });
  const env = { ...process.env, TMPDIR: scratch, XDG_CONFIG_HOME: scratch, XDG_CACHE_HOME: scratch };
  return { executablePath: executable(), headless: true, args: OPTIONS, env };
}

// A separate window, with its own cookies. It reaches only this machine: the provider's pages request a font from
// elsewhere. Secrets that it receives are recorded.
export async function windowOf(api, running) {
  return watched(api, await running.newContext({ viewport: { width: 800, height: 500 } }));
}

// The same for a window that was opened with other options.
export async function watched(api, context) {
  await context.route((url) => !/(^|\.)localhost$|^127\.0\.0\.1$/.test(url.hostname), (route) => route.abort());
  context.on('request', (request) => api.secrets.addUrl(new URL(request.url())));
  context.on('response', async (response) => {
    const lines = (await response.headersArray()).filter(({ name }) => name.toLowerCase() === 'set-cookie');
    if (!response.url().startsWith(api.url)) return;
    for (const { value } of lines) api.secrets.addCookie(value);
  });
  return context;
}

// A picture of what a person sees: below the API's directory, or in the directory of `SCREENSHOTS`.
export async function picture(api, page, name, options = {}) {
  await page.screenshot({ ...options, path: join(process.env.SCREENSHOTS ?? join(api.directory, 'screenshots'), `${name}.png`) });
}

function executable() {
  const found = process.env.CHROMIUM || NAMES.map(onPath).find(Boolean) || APPLICATIONS.find(existsSync);
  if (!found) throw new Error('no browser: install chromium, or name one in CHROMIUM');
  return found;
}

function onPath(name) {
  try {
    return execFileSync('sh', ['-c', 'command -v "$0"', name], { encoding: 'utf8' }).trim();
  } catch {
    return undefined;
  }
}
