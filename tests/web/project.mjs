// A front end as a person begins one: the React-TypeScript template of create-vite, with the packed client in it.

import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { ROOT, pause } from '../support/api.mjs';

const HERE = join(ROOT, 'tests/web/template');
const TOOLS = join(HERE, 'node_modules/.bin');
// Below `HERE`, so that it finds the pinned packages there.
export const APP = join(HERE, 'app');
const PATH = `${TOOLS}${delimiter}${process.env.PATH}`;
const run = (program, options, { cwd = APP, env } = {}) =>
  promisify(execFile)(program, options, { cwd, env: { ...process.env, PATH, ...env } }).catch((error) => {
    throw new Error(`${program} ${options.join(' ')}:\n${error.stdout}${error.stderr}`);
  });
const json = async (path) => JSON.parse(await readFile(path, 'utf8'));

// Writes the project anew.
export async function make() {
  await remove();
  await run('create-vite', ['app', '--template', 'react-ts', '--no-interactive', '--no-immediate'], { cwd: HERE });
  // This repository ignores the folder, and the template's linter would too.
  await run('git', ['init', '--quiet']);
  const packed = await mkdtemp(join(tmpdir(), 'login-web-'));
  try {
    await run('npm', ['pack', '--silent', '--pack-destination', packed], { cwd: join(ROOT, 'clients/web') });
    const place = join(APP, 'node_modules/@serverless-login/web');
    await mkdir(place, { recursive: true });
    await run('sh', ['-c', `tar xzf "$0"/*.tgz --strip-components 1 -C "$1"`, packed, place]);
  } finally {
    await rm(packed, { recursive: true });
  }
}

export const remove = () => rm(APP, { recursive: true, force: true });

// What the template has that these tests are about: the pinned packages are its own, types are only erased, and
// StrictMode is on.
export async function isTheTemplate() {
  const [theirs, ours] = [await json(join(APP, 'package.json')), await json(join(HERE, 'package.json'))];
  const named = Object.entries({ ...theirs.dependencies, ...theirs.devDependencies });
  const pinned = ours.dependencies;
  assert.deepEqual(named.map(([name]) => name).sort(), Object.keys(pinned).filter((name) => name !== 'create-vite').sort());
  for (const [name, range] of named) assert.equal(range.replace(/^[\^~]/, ''), pinned[name], name);
  assert.match(await readFile(join(APP, 'tsconfig.app.json'), 'utf8'), /"erasableSyntaxOnly": true/);
  assert.match(await readFile(join(APP, 'src/main.tsx'), 'utf8'), /<StrictMode>\s*<App \/>/);
}

// Puts into it the pages of these tests and what the client's README says, and checks all of it as the template does.
export async function check(api) {
  await cp(join(HERE, 'src'), join(APP, 'src'), { recursive: true });
  const readme = await readFile(join(ROOT, 'clients/web/README.md'), 'utf8');
  const code = (start) => new RegExp(`^\`\`\`\\w+\\n(${start}[^]*?)^\`\`\``, 'm').exec(readme)[1];
  await write('vite.config.ts', code('// vite.config.ts').replace('http://localhost:9000', api));
  await write('src/readme/auth.ts', code('// src/auth.ts'));
  await write('src/readme/App.tsx', code('// src/App.tsx'));
  await write('public/plain.html', code('<p id="who">'));
  await run('npm', ['run', 'lint']);
  await run('tsc', ['-b']);
}

async function write(path, text) {
  await mkdir(dirname(join(APP, path)), { recursive: true });
  await writeFile(join(APP, path), text);
}

// Builds it, with the API at `url`, and serves that on `port`. Returns what ends it.
export async function served(port, url) {
  await run('vite', ['build', '--logLevel', 'warn'], { env: { VITE_AUTH_URL: url } });
  return vite(['preview'], port);
}

// Serves it on `port` as while it is written, with the API at `/auth` of the same origin: only there does React's StrictMode
// run effects twice. Returns what ends it.
export const developed = (port) => vite([], port);

async function vite(command, port) {
  const options = [...command, '--host', '127.0.0.1', '--port', String(port), '--strictPort'];
  const child = spawn(join(TOOLS, 'vite'), options, { cwd: APP, stdio: 'ignore' });
  process.once('exit', () => child.kill());
  for (let tries = 0; tries < 300; tries += 1) {
    if (child.exitCode !== null) break;
    const answer = await fetch(`http://127.0.0.1:${port}/`).catch(() => undefined);
    if (answer?.ok) return () => child.kill();
    await pause(100);
  }
  child.kill();
  throw new Error(`vite ${command} does not serve`);
}

// A port that is free now.
export function port() {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port: found } = server.address();
      server.close(() => resolve(found));
    });
  });
}
