// A real browser.

import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { chromium } from 'playwright-core';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
const APPLICATIONS = ['Chromium', 'Google Chrome'].map((name) => `/Applications/${name}.app/Contents/MacOS/${name}`);
// No sandbox, because containers run as root; no features that use the internet by themselves.
const OPTIONS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run']
  .concat('--disable-background-networking', '--disable-component-update', '--disable-sync');

// Starts the browser that `CHROMIUM` names, or the first that is installed. Its files are below the API's directory and
// are deleted with it.
export async function browser(api) {
  const scratch = join(api.directory, 'browser');
  await mkdir(scratch, { recursive: true });
  const env = { ...process.env, TMPDIR: scratch, XDG_CONFIG_HOME: scratch, XDG_CACHE_HOME: scratch };
  return chromium.launch({ executablePath: executable(), headless: true, args: OPTIONS, env });
}

// A separate window, with its own cookies. It reaches only this machine: the provider's pages request a font from
// elsewhere. Secrets that it receives are recorded.
export async function windowOf(api, running) {
  const context = await running.newContext({ viewport: { width: 800, height: 500 } });
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
export async function picture(api, page, name) {
  await page.screenshot({ path: join(process.env.SCREENSHOTS ?? join(api.directory, 'screenshots'), `${name}.png`) });
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
