// All peers of the functions, each by a name that only the resolver of this network knows, and over TLS.

import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { HOST } from './event.mjs';
import { ROOT } from './programs.mjs';
import { Names } from './names.mjs';
import { Provider } from './provider.mjs';
import { tunnel } from './tunnel.mjs';

// A reserved domain (RFC 2606).
const name = (host) => `${host}.peers.test`;
const STORES = join(ROOT, 'target/debug/examples/stores');

export class World {
  names;
  authority;
  provider;
  mails = [];
  tunnels;
  #stores;
  #mail;

  static async start(directory) {
    const world = new World();
    const hosts = ['dynamodb', 'redis', 'accounts', 'smtp'].map(name);
    world.names = await Names.serve(hosts);
    const identity = certificate(hosts);
    world.authority = identity.authority;
    world.plain = await world.#start(directory);
    world.tunnels = {
      dynamodb: await tunnel(8443, port(world.plain.dynamodb), identity),
      redis: await tunnel(6380, port(world.plain.redis), identity),
    };
    world.provider = new Provider(name('accounts'), 'the-client');
    await world.provider.serve(identity);
    await world.#serveMail(identity);
    world.hosts = hosts;
    return world;
  }

  // The configuration of the functions.
  get variables() {
    return {
      PUBLIC_URL: `https://${HOST}`,
      APP_URL: 'https://app.example.com',
      TABLE_PREFIX: 'auth-',
      AWS_ENDPOINT_URL_DYNAMODB: `https://${name('dynamodb')}:8443`,
      REDIS_URL: `rediss://${name('redis')}:6380`,
      OIDC_PROVIDERS: 'acme',
      OIDC_ACME_ISSUER: this.provider.issuer,
      OIDC_ACME_CLIENT_ID: this.provider.client,
      OIDC_ACME_CLIENT_SECRET: 'the-secret',
      SMTP_URL: `smtps://${name('smtp')}:465`,
      MAIL_FROM: 'login@example.com',
    };
  }

  // The stores, without TLS; they end when their standard input does.
  async #start(directory) {
    const data = join(directory, 'stores');
    mkdirSync(data);
    this.#stores = spawn(STORES, [data], { stdio: ['pipe', 'pipe', 'inherit'] });
    const [line] = await once(createInterface(this.#stores.stdout), 'line');
    return JSON.parse(line);
  }

  async #serveMail({ certificate, key }) {
    const { SMTPServer } = createRequire(join(ROOT, 'infra/local/mail/mail.mjs'))('smtp-server');
    const onData = (stream, { envelope }, done) => {
      stream.resume().on('end', done);
      this.mails.push(envelope.rcptTo[0].address);
    };
    this.#mail = new SMTPServer({ secure: true, cert: certificate, key, disabledCommands: ['AUTH'], onData });
    // A peer that does not accept the certificate disconnects with an error.
    this.#mail.on('error', () => {});
    await new Promise((resolve) => this.#mail.listen(465, '127.0.0.1', resolve));
  }

  async stop() {
    this.names.close();
    this.provider.close();
    for (const { close } of Object.values(this.tunnels)) close();
    await new Promise((resolve) => this.#mail.close(resolve));
    this.#stores.stdin.end();
    await once(this.#stores, 'exit');
  }
}

const port = (url) => Number(new URL(url).port);

function certificate(hosts) {
  const script = fileURLToPath(new URL('../certificates.py', import.meta.url));
  return JSON.parse(execFileSync(join(ROOT, '.local/tools/bin/python'), [script, ...hosts], { encoding: 'utf8' }));
}
