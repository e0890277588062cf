// The browser client of the login API. What its methods promise is in types/auth.d.ts.

/** @import * as T from './types/auth.d.ts' */

// Seconds: how early a token is replaced; the longest wait before a repeat.
const EARLY = 30;
const PATIENCE = 10;

export class AuthError extends Error {
  name = 'AuthError';

  constructor(/** @type {T.Failure} */ { slug, status = 0, title = slug, detail, errors = [], retryAfter, request }) {
    super(detail ? `${title}: ${detail}` : title);
    this.slug = slug;
    this.status = status;
    this.title = title;
    this.detail = detail;
    this.errors = errors;
    this.retryAfter = retryAfter;
    this.request = request;
  }
}

/** @type {typeof T.createAuth} */
export const createAuth = ({ url = '', confirm, apis = [], language } = {}) => {
  const base = url.replace(/\/$/, '');
  /** @type {T.Snapshot} */
  let now = Object.freeze({ state: 'loading', user: null, session: null });
  let csrf = '';
  // Moves with each sign-in and sign-out. An answer to an earlier request is too late to be shown.
  let era = 0;
  const tokens = new Map();
  /** @type {Set<T.Listener>} */
  const listeners = new Set();
  /** @type {Record<string, Promise<any>>} */
  const pending = {};

  // A server that renders pages has no tabs, and knows no user.
  const tabs = globalThis.document && new BroadcastChannel(`login ${at(`${base}/me`)}`);
  /** @type {T.Tell} */
  const tell = (word) => tabs?.postMessage(word);

  /** What several callers want at once is done once. @type {T.Once} */
  const once = (key, work) => (pending[key] ??= work().finally(() => delete pending[key]));

  /** Without an answer it is unknown who is signed in; null: no user. @type {T.Show} */
  const show = (answer, error) => {
    csrf = answer?.csrf_token ?? '';
    const { user = null, session = null } = answer ?? {};
    if (session?.id !== now.session?.id) {
      era += 1;
      tokens.clear();
    }
    const state = answer ? 'in' : answer === null ? 'out' : 'loading';
    const next = Object.freeze({ state, user, session, ...(error && { error }) });
    if (JSON.stringify(next) === JSON.stringify(now)) return;
    now = /** @type {T.Snapshot} */ (next);
    for (const listener of [...listeners]) listener(now);
  };

  const leave = () => {
    era += 1;
    show(null);
  };

  /** @type {T.Ask} */
  const ask = async (method, path, body, left = { unavailable: 2, csrf: 1, reauthenticate: 1 }) => {
    // Before that there is no CSRF token.
    if (method !== 'GET' && now.state === 'loading') await look().catch(() => {});
    const { user } = now;
    const then = era;
    const headers = {
      ...(language && { 'Accept-Language': language }),
      ...(body && { 'Content-Type': 'application/json' }),
      ...(method !== 'GET' && csrf && { 'X-CSRF-Token': csrf }),
    };
    const answer = await send(base + path, { method, headers, body: JSON.stringify(body), credentials: 'include' });
    const json = await answer.json().catch(() => {});
    const late = then !== era;
    if (answer.ok && (json || answer.status > 201)) return { body: json, late };
    const error = failure(answer, json);
    if (error.slug === 'signed-out') {
      if (path === '/me') return { body: /** @type {any} */ (null), late };
      if (!late) {
        leave();
        tell('look');
      }
    }
    // Not for another user, whom another tab has signed in meanwhile.
    const isRepeated = left[error.slug]-- > 0 && (await remedies[error.slug](error, user));
    if (isRepeated && (!user || user.id === now.user?.id)) return ask(method, path, body, left);
    throw error;
  };

  /** What makes a repeat worth while. @type {T.Remedies} */
  const remedies = {
    unavailable: ({ retryAfter = 1 }) => retryAfter <= PATIENCE && pause(retryAfter),
    csrf: () => look(),
    reauthenticate: async (error, user) => {
      const given = await confirm?.(error);
      const password = typeof given === 'object' && given?.password;
      if (password && user?.email) await enter('/login', { email: user.email, password });
      return given;
    },
  };

  /** @type {T.Look} */
  const look = () =>
    once(`me ${era}`, async () => {
      const { body, late } = await ask('GET', '/me');
      if (late) return pending[`me ${era}`] ?? now;
      show(body);
      return now;
    });

  const lookAgain = () => {
    era += 1;
    return look();
  };

  /** Looks until it is known. */
  const begin = (wait = 1) => {
    look().catch((error) => {
      if (now.state !== 'loading') return;
      show(undefined, error);
      setTimeout(begin, Math.max(wait, error.retryAfter ?? 0) * 1000, Math.min(wait * 2, 60));
    });
  };

  /** Begins a session. @type {T.Enter} */
  const enter = async (path, body) => {
    const { body: answer, late } = await ask('POST', path, body);
    tell('look');
    // The browser may have thrown the cookie of another site away.
    if (late || at(base).origin !== location.origin) await lookAgain();
    else show(answer);
    if (now.state !== 'in') throw new AuthError({ slug: late ? 'overtaken' : 'cookies-blocked' });
    return now;
  };

  /** @type {T.Mint} */
  const mint = async (audience) => {
    const kept = tokens.get(audience);
    if (kept && Date.now() < kept.until) return kept;
    return once(`token ${era} ${audience}`, async () => {
      const { body, late } = await ask('POST', '/session/token', audience ? { audience } : undefined);
      if (late) return mint(audience);
      const { token, expires_in } = body;
      const minted = { token, until: Date.now() + Math.max(expires_in - EARLY, expires_in / 2) * 1000 };
      tokens.set(audience, minted);
      return minted;
    });
  };

  /** @type {T.Drop} */
  const drop = (minted, audience) => {
    if (tokens.get(audience) === minted) tokens.delete(audience);
  };

  /** The place that a token is for, if it may go there. @type {T.Locate} */
  const allowed = (to) => {
    const place = at(to);
    const origin = place.origin.replace(/^ws/, 'http');
    if (apis.some((api) => at(api).origin === origin)) return place;
    throw new AuthError({ slug: 'unlisted-origin', detail: `${origin} is not in apis` });
  };

  /** @type {T.Done} */
  const done = async (call, isEnd) => {
    const { late } = await call;
    if (!isEnd) return;
    if (late) await lookAgain();
    else leave();
    tell(late ? 'look' : 'out');
  };

  /** @type {T.Auth} */
  const auth = {
    ready: new Promise((resolve) => {
      listeners.add((snapshot) => snapshot.state === 'loading' || resolve(snapshot));
    }),
    get: () => now,
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },

    login: ({ email, password }) => enter('/login', { email, password }),
    loginWith: (provider, options) => location.assign(base + way(provider, options)),
    register: ({ email, password, name }) => done(ask('POST', '/register', { email, password, name })),
    // React's StrictMode runs an effect twice.
    verify: ({ token, password }) =>
      once(`verify ${token} ${password}`, () => enter('/register/verify', { token, password })),
    forgot: (email) => done(ask('POST', '/password/reset', { email })),
    reset: ({ token, password }) =>
      done(ask('POST', '/password/reset/confirm', { token, new_password: password }), true),
    changePassword: ({ current, next }) => enter('/password', { current_password: current, new_password: next }),

    sessions: async () => (await ask('GET', '/sessions')).body.sessions,
    endSession: (id) => done(ask('DELETE', `/sessions/${encodeURIComponent(id)}`), id === now.session?.id),
    endOthers: () => done(ask('DELETE', '/sessions')),
    identities: async () => (await ask('GET', '/identities')).body.identities,
    link: async (provider, options) => location.assign((await ask('POST', way(provider, options))).body.location),
    unlink: (id) => done(ask('DELETE', `/identities/${encodeURIComponent(id)}`)),
    logout: () => done(ask('POST', '/logout'), true),
    logoutEverywhere: () => done(ask('POST', '/logout/all'), true),

    token: async (audience) => (await mint(audience)).token,
    fetch: async (input, { audience, ...init } = {}) => {
      const request = new Request(input, init);
      allowed(request.url);
      const attempt = async (/** @type {Request} */ copy) => {
        const minted = await mint(audience);
        copy.headers.set('Authorization', `Bearer ${minted.token}`);
        const answer = await send(copy);
        if (answer.status === 401) drop(minted, audience);
        return answer;
      };
      const answer = await attempt(request.clone());
      return answer.status === 401 ? attempt(request) : answer;
    },
    socket: (to, options = {}) => {
      const place = allowed(to).href.replace(/^http/, 'ws');
      const line = import('./socket.js').then(({ open }) => open(place, { ...auth, mint, drop }, options));
      line.catch(() => options.onState?.('ended'));
      return {
        send: (message) => void line.then(({ send }) => send(message), () => {}),
        close: () => void line.then(({ close }) => close(), () => {}),
      };
    },
  };

  if (tabs) {
    tabs.onmessage = ({ data }) => (data === 'out' ? leave() : lookAgain().catch(() => {}));
    // As the page was left, perhaps before a sign-out.
    addEventListener('pageshow', ({ persisted }) => {
      if (!persisted) return;
      era += 1;
      if (now.state === 'in') show(undefined);
      begin();
    });
    begin();
  }
  return auth;
};

const pause = (/** @type {number} */ seconds) => new Promise((done) => setTimeout(done, seconds * 1000, true));

/** @type {T.Locate} */
const at = (place) => new URL(place, location.href);

/** To a provider and back, by default to this page. @type {T.Way} */
const way = (provider, { returnTo = '', prompt } = {}) => {
  const query = new URLSearchParams({ return_to: at(returnTo).href, ...(prompt && { prompt }) });
  return `/login/${encodeURIComponent(provider)}?${query}`;
};

/** @type {typeof fetch} */
const send = (...request) =>
  fetch(...request).catch((cause) => {
    throw cause.name === 'AbortError' ? cause : new AuthError({ slug: 'offline', detail: cause.message });
  });

/** @type {T.Fail} */
const failure = ({ status, headers }, body) => {
  // A gateway or a web server that answers in the API's place sends no problem document.
  const other = status === 429 ? 'too-many-attempts' : status > 501 ? 'unavailable' : 'internal';
  const slug = /^\/problems\/(.+)/.exec(body?.type)?.[1] ?? other;
  const retryAfter = body?.retry_after ?? (Number(headers.get('Retry-After')) || undefined);
  const title = `${status} without a problem document`;
  return new AuthError({ title, ...body, slug, status, retryAfter, request: body?.instance });
};
