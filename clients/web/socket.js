// A WebSocket that presents a token first, renews it, and comes back by itself. Loaded by auth.js when used.

/** @import { Line, LineOptions, Minted, Source } from './types/auth.d.ts' */

// Milliseconds: the first and the longest wait for the next connection.
const FIRST = 1000;
const LONGEST = 30_000;
// The code by which a service refuses a token.
const REFUSED = 4401;

/** @param {string} url @param {Source} source @param {LineOptions} options @returns {Line} */
export const open = (url, source, { onMessage, onState, audience }) => {
  const user = source.get().user?.id;
  /** @type {string[]} */
  const queue = [];
  /** @type {WebSocket | undefined} */
  let socket;
  /** @type {Minted | undefined} */
  let minted;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  let failures = 0;
  let refusals = 0;
  let isOver = false;
  // Only a connection that has presented its token takes messages.
  let isOpen = false;

  const end = () => {
    if (isOver) return;
    isOver = true;
    isOpen = false;
    clearTimeout(timer);
    unsubscribe();
    socket?.close();
    onState?.('ended');
  };

  const wait = () => {
    if (isOver) return;
    onState?.('waiting');
    // Half of it by chance, so that the clients of a service that restarts do not come back all at once.
    const longest = Math.min(FIRST * 2 ** failures, LONGEST);
    failures += 1;
    timer = setTimeout(connect, (longest * (1 + Math.random())) / 2);
  };

  /** Presents a token, and the next one before this one expires. @param {WebSocket} to */
  const present = async (to) => {
    minted = await source.mint(audience);
    if (to !== socket || to.readyState !== WebSocket.OPEN) return;
    to.send(JSON.stringify({ type: 'token', token: minted.token }));
    timer = setTimeout(() => present(to).catch(() => to.close()), Math.max(minted.until - Date.now(), 0));
  };

  const connect = async () => {
    onState?.('connecting');
    try {
      // Before the connection: without a session there is none to be made.
      await source.mint(audience);
    } catch (error) {
      return /** @type {any} */ (error).slug === 'signed-out' ? end() : wait();
    }
    if (isOver) return;
    const next = new WebSocket(url);
    socket = next;
    next.onopen = async () => {
      try {
        await present(next);
      } catch {
        return next.close();
      }
      if (next.readyState !== WebSocket.OPEN) return;
      isOpen = true;
      onState?.('open');
      for (const text of queue.splice(0)) next.send(text);
    };
    next.onmessage = ({ data }) => {
      // The service is there, and has taken the token.
      failures = 0;
      refusals = 0;
      onMessage?.(parsed(data));
    };
    next.onclose = ({ code }) => {
      clearTimeout(timer);
      isOpen = false;
      if (code === REFUSED) {
        if (minted) source.drop(minted, audience);
        refusals += 1;
        // A new token was refused too.
        if (refusals > 1) return end();
      }
      wait();
    };
  };

  // The connection is this user's; the next user gets another one.
  const unsubscribe = source.subscribe(({ state, user: other }) => {
    if (state === 'out' || (user && other && other.id !== user)) end();
  });
  connect();
  return {
    send: (message) => {
      const text = JSON.stringify(message);
      if (isOpen) socket?.send(text);
      else queue.push(text);
    },
    close: end,
  };
};

/** @param {unknown} data */
const parsed = (data) => {
  if (typeof data !== 'string') return data;
  try {
    return JSON.parse(data);
  } catch {
    return data;
  }
};
