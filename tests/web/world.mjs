// What a browser gives the client: a page, tabs, time, and an API that answers as a test says. What is sent, and what is
// answered, must be in infra/openapi.yaml.

import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { createAuth } from '../../clients/web/auth.js';
import { Contract } from '../support/contract.mjs';

export const PAGE = 'https://app.example.com/inbox?unread=1#top';
export const API = 'https://app.example.com';
const contract = new Contract();
const long = (text) => text.padEnd(43, '_');

// The answer of a sign-in, or of GET /me: the user, and the number of their session.
export function signedIn(name, number = 1) {
  const time = '2026-11-28T12:00:00Z';
  const id = `00000000-0000-4000-8000-${Buffer.from(name.slice(0, 6)).toString('hex').padEnd(12, '0')}`;
  const user = { id, email: `${name}@example.com`, email_verified: true, name, picture: null, scopes: [] };
  const times = { created_at: time, expires_at: time, absolute_expires_at: time };
  const session = { id: long(`${name}${number}`), kind: 'browser', auth_method: 'password', ...times };
  return { status: 200, body: { user, session, csrf_token: long(`csrf-${name}${number}`) } };
}

export function problem(status, slug, more = {}) {
  return { status, body: { type: `/problems/${slug}`, title: slug, status, instance: 'request-1', ...more } };
}

export const OUT = problem(401, 'signed-out');
export const BUSY = problem(503, 'unavailable', { retry_after: 1 });
export const DONE = { status: 204 };
export const token = (value, expires_in = 300) => ({ status: 200, body: { token: `a.${value}.c`, token_type: 'Bearer', expires_in } });

// An answer that comes when `give` is called.
export function later() {
  let give;
  const promise = new Promise((resolve) => { give = resolve; });
  return { promise, give };
}

export class World {
  // Requests: `[{ route, headers, body }]`. Waits: in milliseconds. Places that the page was sent to.
  asked = [];
  waits = [];
  visited = [];
  clock = Date.parse('2026-11-28T12:00:00Z');
  #answers = new Map();
  #window = new EventEmitter();

  constructor() {
    globalThis.document = {};
    globalThis.location = Object.assign(new URL(PAGE), { assign: (place) => this.visited.push(String(place)) });
    globalThis.addEventListener = (name, listener) => this.#window.on(name, listener);
    globalThis.fetch = (...request) => this.#fetch(...request);
    // A wait is noted, and is over at once. A client that never stops waiting would keep its test running.
    globalThis.setTimeout = (work, wait, ...rest) => {
      this.waits.push(wait);
      if (this.waits.length < 50) setImmediate(work, ...rest);
    };
    Date.now = () => this.clock;
    // Each test has its own tabs, which do not keep its process running.
    worlds += 1;
    const world = worlds;
    globalThis.BroadcastChannel = function open(name) {
      const channel = new Channel(`${world} ${name}`);
      channel.unref();
      return channel;
    };
  }

  // What a route answers: one answer after the other; the last one stays. An answer is a status with a body, or a
  // promise of one, or a function that gets the request.
  on(route, ...answers) {
    this.#answers.set(route, answers);
    return this;
  }

  // A tab with the client, as soon as it knows who is signed in.
  async tab(options) {
    const auth = createAuth(options);
    await settled();
    return auth;
  }

  routes() {
    return this.asked.map(({ route }) => route);
  }

  // The requests of a route.
  to(route) {
    return this.asked.filter((request) => request.route === route);
  }

  // The page is shown again.
  show(persisted) {
    this.#window.emit('pageshow', { persisted });
  }

  async #fetch(input, init) {
    const request = new Request(new URL(input.url ?? input, PAGE), input.url ? input : init);
    const { pathname, search, origin } = new URL(request.url);
    const text = await request.text();
    const asked = { route: `${request.method} ${origin === API ? '' : origin}${pathname}`, search, headers: request.headers };
    if (text) asked.body = JSON.parse(text);
    this.asked.push({ ...asked, init });
    const queue = this.#answers.get(asked.route);
    if (!queue) throw new TypeError(`no answer to ${asked.route}`);
    const next = queue.length > 1 ? queue.shift() : queue[0];
    const { status, body, headers, isForeign } = await (typeof next === 'function' ? next(asked) : next);
    if (origin === API && !isForeign) contract.checkClient(request.method, pathname.replace(/^\/auth/, ''), asked.body, { status, body });
    return new Response(isForeign ? body : JSON.stringify(body), { status, headers });
  }
}

const Channel = globalThis.BroadcastChannel;
let worlds = 0;
const immediate = globalThis.setImmediate;

// Until messages between tabs have arrived, and what follows from them is done.
export async function settled() {
  for (let turns = 0; turns < 40; turns += 1) await new Promise((done) => { immediate(done); });
}

// The snapshot, as soon as it has this state.
export async function until(auth, state) {
  for (let tries = 0; tries < 20 && auth.get().state !== state; tries += 1) await settled();
  assert.equal(auth.get().state, state);
  return auth.get();
}
