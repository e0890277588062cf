// The whole login API on this machine, started for one test file and ended with it.

import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { mkdtemp, readFile, realpath, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Contract } from './contract.mjs';
import { mailsTo, tokenIn } from './mail.mjs';
import { running, tree } from './processes.mjs';
import { Secrets } from './secrets.mjs';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));
export const DEMO = { email: 'demo@example.com', password: 'open sesame, locally' };

// The last lines that `local dev` prints before it serves.
const GREETING = /The login API runs at[\s\S]*\/session\/token\n/;
const LOCAL = ['run', '--quiet', '--bin', 'local', '--'];
// The caller's own settings must not lead the functions elsewhere.
export const FOREIGN = ['OIDC_', 'AWS_', 'SESSION', 'COOKIE_', 'TOKEN_', 'SIGNING_', 'DEVICE', 'PASSWORD_', 'ARGON2_']
  .concat('REDIS_', 'PUBLIC_', 'APP_', 'ALLOWED_ORIGINS', 'TABLE_PREFIX', 'TRUSTED_PROXY_', 'SMTP_', 'MAIL_')
  .concat('BRAND_', 'START_PAGE', 'TERMS_URL', 'SUPPORT_', 'TASKS_SECRET', 'REGISTER_', 'SIGN_IN_', 'ACCOUNT_URL', 'METRICS_', 'LOG_SAMPLE', 'LOGOUT_', 'SSL_CERT_');

export class Api {
  contract = new Contract();
  secrets = new Secrets();
  #child;
  #closed;
  #started;
  #output = '';

  // Starts the API with its own ports and data, and with `variables` on top of the usual settings; they may be a function
  // of its port. Its `front` is `gateway` (cargo lambda watch) or `host`. Without `redis` it runs only on DynamoDB. The
  // first start builds it.
  static async start({ front = 'gateway', redis = true, variables = {} } = {}) {
    const api = new Api();
    api.front = front;
    api.stores = `${redis ? 'Redis and DynamoDB' : 'DynamoDB alone'}, behind the ${front}`;
    api.secrets.add('password', DEMO.password);
    api.directory = await realpath(await mkdtemp(join(tmpdir(), 'login-journeys-')));
    // An interrupted run leaves nothing behind either; the API ends because its standard input does.
    process.once('exit', () => rmSync(api.directory, { recursive: true, force: true }));
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, () => process.exit(1));
    try {
      await api.#start(redis, variables);
    } catch (error) {
      await api.dispose();
      throw error;
    }
    return api;
  }

  async #start(redis, variables) {
    this.data = join(this.directory, 'data');
    const port = await freePort();
    const options = ['--port', port, '--data', this.data, '--concurrency', 4, '--no-reload', '--until-stdin-closes'];
    if (!redis) options.push('--no-redis');
    if (this.front === 'host') options.push('--host');
    // Each client of a journey has its own address, as in reality.
    const more = typeof variables === 'function' ? variables(port) : variables;
    const env = { ...inherited(), TRUSTED_PROXY_HEADER: 'x-client-address', ...more };
    this.#child = spawn('cargo', [...LOCAL, 'dev', ...options], { cwd: ROOT, env });
    this.#closed = new Promise((resolve) => this.#child.on('close', resolve));
    const ready = new Promise((resolve, reject) => {
      const hear = (chunk) => {
        this.#output += chunk;
        if (GREETING.test(this.#output)) resolve();
      };
      this.#child.stdout.setEncoding('utf8').on('data', hear);
      this.#child.stderr.setEncoding('utf8').on('data', hear);
      this.#child.on('error', reject);
      this.#child.on('exit', () => reject(new Error(`the API did not start:\n${this.#output}`)));
    });
    await ready;
    this.settings = await settings(join(this.data, 'env'));
    this.url = this.settings.PUBLIC_URL;
    this.issuer = this.settings.OIDC_LOCAL_ISSUER;
    this.mailPage = `http://localhost:${port + 2}`;
    this.secrets.add('client secret', this.settings.OIDC_LOCAL_CLIENT_SECRET);
  }

  // The output since the greeting, which shows the demo password on purpose.
  get printed() {
    return this.#output.slice(GREETING.exec(this.#output).index).replace(GREETING, '');
  }

  // The processes that run for this API now.
  processes() {
    return tree(this.#child.pid);
  }

  // Adds an account with a proven address.
  async addUser(email, password) {
    this.secrets.add('password', password);
    const options = { cwd: ROOT, env: { ...inherited(), PASSWORD: password } };
    await promisify(execFile)('cargo', [...LOCAL, 'user', '--email', email, '--data', this.data], options);
  }

  // The mails to `address`, oldest first, as soon as there are `count` of them.
  async mails(address, count = 1) {
    for (let tries = 0; tries < 150; tries += 1) {
      const mails = await mailsTo(this.mailPage, address);
      if (mails.length >= count) return mails;
      await pause(100);
    }
    throw new Error(`${address} was not sent ${count} mails`);
  }

  // The token in the link of a mail.
  link(mail) {
    const token = tokenIn(mail);
    this.secrets.add('mailed token', token);
    return token;
  }

  // Ends everything as a closed terminal would, and returns the processes that still run.
  async stop() {
    this.#started ??= this.processes();
    this.#child.stdin.end();
    // The last processes to end are functions that find their gateway gone.
    for (let tries = 0; tries < 200 && running(this.#started).length > 0; tries += 1) await pause(50);
    // Waits for their last output.
    await Promise.race([this.#closed, pause(1000)]);
    return running(this.#started);
  }

  // Leaves nothing behind, even after a failure.
  async dispose() {
    const left = this.#child ? await this.stop() : [];
    for (const { pid } of left) process.kill(pid, 'SIGKILL');
    await rm(this.directory, { recursive: true, force: true });
  }
}

export const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

function inherited() {
  const ours = ([name]) => !FOREIGN.some((prefix) => name.startsWith(prefix));
  return Object.fromEntries(Object.entries(process.env).filter(ours));
}

async function settings(file) {
  const lines = (await readFile(file, 'utf8')).trim().split('\n');
  return Object.fromEntries(lines.map((line) => /^(\w+)='?(.*?)'?$/.exec(line).slice(1)));
}

// A port that is free together with the three after it, which are for the provider and the mail server.
async function freePort() {
  for (;;) {
    const port = await bound(0);
    const next = [port + 1, port + 2, port + 3];
    if (port <= 65_532 && (await Promise.all(next.map(bound))).every(Boolean)) return port;
  }
}

// The port that could be bound, or nothing.
async function bound(port) {
  const server = createServer().listen(port, '127.0.0.1');
  try {
    await once(server, 'listening');
    return server.address().port;
  } catch {
    return undefined;
  } finally {
    server.close();
  }
}
