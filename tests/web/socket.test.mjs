// The WebSocket that presents tokens.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { DONE, later, OUT, problem, settled, signedIn, token, World } from './world.mjs';

const SERVICE = 'https://api.example.com';
const TOKENS = 'POST /session/token';
const scene = async () => {
  const world = new World().on('GET /me', signedIn('ada')).on(TOKENS, token('one'), token('two'), token('three'));
  return { world, auth: await world.tab({ apis: [SERVICE, '/'] }) };
};

describe('a socket', () => {
  // A WebSocket that the test opens and closes.
  class Line {
    static OPEN = 1;
    static made = [];
    static faults = 0;
    readyState = 0;
    sent = [];

    constructor(url) {
      this.url = url;
      Line.made.push(this);
    }

    send(text) {
      if (this.readyState !== 1) Line.faults += 1;
      this.sent.push(JSON.parse(text));
    }

    async accept() {
      this.readyState = 1;
      this.onopen();
      await settled();
    }

    receive(data) {
      this.onmessage({ data });
    }

    async close(code = 1006) {
      if (this.readyState === 3) return;
      this.readyState = 3;
      this.onclose({ code });
      await settled();
    }
  }

  // Time moves only when the test says so.
  const begun = async (options = {}, place = 'wss://api.example.com/chat') => {
    const { auth, world } = await scene();
    Object.assign(Line, { made: [], faults: 0 });
    globalThis.WebSocket = Line;
    const timers = [];
    globalThis.setTimeout = (work, wait) => timers.push({ work, wait });
    globalThis.clearTimeout = (timer) => { if (timer) timers[timer - 1] = undefined; };
    const seen = { messages: [], states: [] };
    const line = auth.socket(place, {
      onMessage: (message) => seen.messages.push(message),
      onState: (state) => seen.states.push(state),
      ...options,
    });
    const due = () => timers.filter(Boolean);
    const pass = async () => {
      const [timer] = due().slice(-1);
      timers.fill(undefined);
      timer.work();
      await settled();
      return timer.wait;
    };
    // The module is loaded by now.
    await import('../../clients/web/socket.js');
    await settled();
    return { auth, world, line, seen, due, pass, last: () => Line.made.at(-1) };
  };
  const first = (value) => ({ type: 'token', token: `a.${value}.c` });

  test('presents a token first, and then what the app has sent meanwhile', async () => {
    const { line, last, seen } = await begun();
    line.send({ text: 'early' });
    await settled();
    assert.deepEqual(last().sent, []);
    await last().accept();
    line.send({ text: 'late' });
    await settled();
    assert.deepEqual(last().sent, [first('one'), { text: 'early' }, { text: 'late' }]);
    assert.deepEqual(seen.states, ['connecting', 'open']);
    assert.equal(last().url, 'wss://api.example.com/chat');
  });

  test('is found at a path of the page, too', async () => {
    const { last } = await begun({}, '/chat');
    assert.equal(last().url, 'wss://app.example.com/chat');
  });

  test('gives the app what JSON says, and anything else as it is', async () => {
    const { last, seen } = await begun();
    await last().accept();
    const bytes = new ArrayBuffer(1);
    for (const data of ['{"a":1}', 'hello', bytes]) last().receive(data);
    assert.deepEqual(seen.messages, [{ a: 1 }, 'hello', bytes]);
  });

  test('presents the next token before the first expires', async () => {
    const { last, pass, world } = await begun();
    await last().accept();
    world.clock += 270_000;
    assert.equal(await pass(), 270_000);
    assert.deepEqual(last().sent, [first('one'), first('two')]);
  });

  test('comes back after longer and longer waits, half of each by chance', async () => {
    const { last, pass, seen, line } = await begun();
    const { random } = Math;
    const waits = [];
    try {
      for (const [chance, count] of [[0, 3], [1, 7]]) {
        Math.random = () => chance;
        for (let tries = 0; tries < count; tries += 1) {
          await last().close();
          waits.push(await pass());
        }
      }
    } finally {
      Math.random = random;
    }
    assert.deepEqual(waits, [500, 1000, 2000, 8000, 16000, 30000, 30000, 30000, 30000, 30000]);
    line.send({ text: 'kept' });
    await last().accept();
    assert.deepEqual(last().sent, [first('one'), { text: 'kept' }]);
    assert.deepEqual(seen.states.slice(-3), ['waiting', 'connecting', 'open']);
    // The service is there again: the next wait is short.
    last().receive('{}');
    await last().close();
    assert.ok((await pass()) <= 1000);
    // What was sent is not sent again.
    await last().accept();
    assert.deepEqual(last().sent, [first('one')]);
  });

  test('that is lost waits for the next connection alone', async () => {
    const { last, due } = await begun();
    await last().accept();
    assert.equal(due().length, 1);
    await last().close();
    assert.equal(due().length, 1);
    assert.ok(due()[0].wait <= 1000);
  });

  test('sends nothing into a connection that is lost while it waits for a token', async () => {
    const { last, world } = await begun();
    const slow = later();
    world.clock += 300_000;
    world.on(TOKENS, slow.promise);
    const line = last();
    await line.accept();
    await line.close();
    slow.give(token('two'));
    await settled();
    assert.deepEqual([line.sent, Line.faults], [[], 0]);
  });

  test('keeps what is sent while there is no connection', async () => {
    const { last, pass, line } = await begun();
    await last().accept();
    await last().close();
    line.send({ text: 'kept' });
    await settled();
    await pass();
    await last().accept();
    assert.deepEqual(last().sent, [first('one'), { text: 'kept' }]);
  });

  test('presents a new token after a refusal, and ends after the second', async () => {
    const { last, pass, seen, due } = await begun();
    await last().accept();
    await last().close(4401);
    await pass();
    await last().accept();
    assert.deepEqual(last().sent, [first('two')]);
    await last().close(4401);
    assert.equal(seen.states.at(-1), 'ended');
    assert.deepEqual(due(), []);
  });

  test('presents a new token after every refusal that follows a message', async () => {
    const { last, pass, seen } = await begun();
    for (const value of ['one', 'two', 'three']) {
      await last().accept();
      assert.deepEqual(last().sent, [first(value)]);
      last().receive('{}');
      await last().close(4401);
      assert.equal(seen.states.at(-1), 'waiting');
      await pass();
    }
  });

  test('ends when the user signs out or another one signs in, and not when the session is renewed', async () => {
    for (const [change, state] of [
      [({ auth, world }) => world.on('POST /logout', DONE) && auth.logout(), 'ended'],
      [({ auth, world }) => world.on('POST /login', signedIn('bob')) && auth.login({ email: 'bob@example.com', password: 'x' }), 'ended'],
      [({ auth, world }) => world.on('POST /password', signedIn('ada', 2)) && auth.changePassword({ current: 'a', next: 'b' }), 'open'],
    ]) {
      const begin = await begun();
      await begin.last().accept();
      await change(begin);
      await settled();
      assert.equal(begin.seen.states.at(-1), state);
      assert.equal(begin.last().readyState, state === 'open' ? 1 : 3);
    }
  });

  test('ends without a connection if there is no session', async () => {
    const { seen, pass, last, world } = await begun();
    world.clock += 300_000;
    world.on(TOKENS, OUT);
    await last().close();
    await pass();
    assert.equal(Line.made.length, 1);
    assert.equal(seen.states.at(-1), 'ended');
  });

  test('ends at once if no user is signed in', async () => {
    const { auth, world } = await scene();
    world.on('GET /me', OUT).on('POST /logout', DONE).on(TOKENS, OUT);
    await auth.logout();
    const states = [];
    auth.socket('wss://api.example.com/chat', { onState: (state) => states.push(state) });
    await settled();
    assert.deepEqual(states, ['connecting', 'ended']);
  });

  test('tries again if the API cannot tell', async () => {
    const { seen, pass, last, world } = await begun();
    world.clock += 300_000;
    world.on(TOKENS, problem(500, 'internal'), token('two'));
    await last().close();
    await pass();
    assert.equal(seen.states.at(-1), 'waiting');
    await pass();
    await last().accept();
    assert.equal(seen.states.at(-1), 'open');
  });

  test('that the app closes stays closed, and forgets what was sent', async () => {
    const { line, last, seen, due } = await begun();
    await last().accept();
    line.close();
    line.send({ text: 'too late' });
    await settled();
    assert.deepEqual([seen.states.at(-1), due()], ['ended', []]);
    assert.deepEqual(last().sent, [first('one')]);
  });

  test('that the app closes before it is there, or while it waits, is not made', async () => {
    const { world, auth } = await scene();
    Object.assign(Line, { made: [], faults: 0 });
    const slow = later();
    world.on(TOKENS, slow.promise);
    const early = auth.socket('wss://api.example.com/chat');
    await settled();
    early.close();
    await settled();
    slow.give(token('one'));
    await settled();
    assert.deepEqual(Line.made, []);
    const { line, last, due } = await begun();
    await last().close();
    line.close();
    await settled();
    assert.deepEqual(due(), []);
  });

  test('that ended no longer listens to who is signed in', async () => {
    const { open } = await import('../../clients/web/socket.js');
    const { auth } = await scene();
    let listeners = 0;
    const subscribe = () => { listeners += 1; return () => { listeners -= 1; }; };
    const line = open('wss://api.example.com/chat', { get: auth.get, subscribe, mint: () => later().promise, drop() {} }, {});
    assert.equal(listeners, 1);
    line.close();
    assert.equal(listeners, 0);
  });

  test('is refused at once for an origin that is not listed', async () => {
    const { auth } = await scene();
    for (const place of ['wss://evil.example/chat', 'ws://api.example.com/chat']) {
      assert.throws(() => auth.socket(place), { slug: 'unlisted-origin' });
    }
  });

  test('can ask for a token of its own audience', async () => {
    const { world } = await begun({ audience: 'chat' });
    assert.deepEqual(world.to(TOKENS).map(({ body }) => body), [{ audience: 'chat' }]);
  });
});

