// The interface of auth.js. What the API answers comes from infra/openapi.yaml, by api.d.ts.

import type { components, paths } from './api.js';

type Schemas = components['schemas'];
export type User = Schemas['User'];
export type Session = Schemas['Session'];
export type ListedSession = Schemas['ListedSession'];
export type Identity = Schemas['Identity'];
export type Fault = Schemas['Fault'];
export type FaultCode = Schemas['FaultCode'];

type SlugOf<Type> = Type extends `/problems/${infer Slug}` ? Slug : never;
/** The problems of the contract: the last part of their `type`. */
export type ProblemSlug = {
  [Name in keyof Schemas]: Name extends `${string}Problem`
    ? SlugOf<NonNullable<(Schemas[Name] & { type?: string })['type']>>
    : never;
}[keyof Schemas];
/** Beside those, `offline`: no answer at all; `cookies-blocked`: the browser did not keep the session's cookie;
 * `unlisted-origin`: a token was to go to an origin that `apis` does not list. */
export type Slug = ProblemSlug | 'offline' | 'cookies-blocked' | 'unlisted-origin';

export interface Failure {
  slug: Slug;
  /** The HTTP status; 0 if there was no answer. */
  status?: number;
  /** In English, for developers. For people: texts.js. */
  title?: string;
  detail?: string;
  /** What is wrong with the members of a form. */
  errors?: Fault[];
  /** Seconds to wait before a repeat can succeed. */
  retryAfter?: number | undefined;
  /** The request's id: name it when you report a fault. */
  request?: string | undefined;
}

/** What every method rejects with. Branch on `slug`. */
export class AuthError extends Error {
  constructor(failure: Failure);
  slug: Slug;
  status: number;
  title: string;
  detail: string | undefined;
  errors: Fault[];
  retryAfter: number | undefined;
  request: string | undefined;
}

/** Who is signed in, as far as this tab knows. The same object until something changes. */
export type Snapshot =
  | { readonly state: 'loading'; readonly user: null; readonly session: null; readonly error?: AuthError }
  | { readonly state: 'out'; readonly user: null; readonly session: null }
  | { readonly state: 'in'; readonly user: User; readonly session: Session };

export type Listener = (snapshot: Snapshot) => void;

export interface Options {
  /** Where the API is. The default is this page's origin; a path (`/auth`) is possible. */
  url?: string;
  /** Asks the person to confirm that it is them, because the sign-in is too old for what they want. After anything true
   * the call is repeated once; with a password, after a new sign-in. */
  confirm?: (problem: AuthError) => Promise<boolean | { password: string } | null | undefined>;
  /** The origins that tokens may be sent to. `/` is this page's own. */
  apis?: string[];
  /** Of mails and pages, such as `pt`. The default is the browser's. */
  language?: string;
}

type RequestInput = string | URL | Request;
export interface Line {
  /** Sends a message as JSON, now or as soon as there is a connection. */
  send(message: unknown): void;
  /** Ends the connection for good. */
  close(): void;
}
/** `ended`: signed out, refused, or closed by this page. There is no further try. */
export type LineState = 'connecting' | 'open' | 'waiting' | 'ended';
export interface LineOptions {
  /** Gets each message: what its JSON says, or the message itself if it is no JSON. */
  onMessage?: (message: any) => void;
  onState?: (state: LineState) => void;
  /** The service that the tokens are for; the default is the API's. */
  audience?: string;
}

export interface Auth {
  /** Resolves as soon as it is known whether a user is signed in. */
  ready: Promise<Snapshot>;
  get(): Snapshot;
  /** Calls the listener after each change. Returns what ends that. */
  subscribe(listener: Listener): () => void;

  login(credentials: { email: string; password: string }): Promise<Snapshot>;
  /** Leaves the page for the provider's; the browser comes back to `returnTo`, by default this page. */
  loginWith(provider: string, options?: { returnTo?: string; prompt?: 'login' }): void;
  register(account: { email: string; password: string; name?: string | null }): Promise<void>;
  /** With the token of the mail. A browser that did not ask for the account gets `unusable-value` (code `other-browser`)
   * until it gives a password. */
  verify(link: { token: string; password?: string }): Promise<Snapshot>;
  forgot(email: string): Promise<void>;
  reset(link: { token: string; password: string }): Promise<void>;
  changePassword(passwords: { current: string; next: string }): Promise<Snapshot>;

  sessions(): Promise<ListedSession[]>;
  endSession(id: string): Promise<void>;
  endOthers(): Promise<void>;
  identities(): Promise<Identity[]>;
  /** Leaves the page for the provider's, as `loginWith`. */
  link(provider: string, options?: { returnTo?: string }): Promise<void>;
  unlink(id: string): Promise<void>;
  logout(): Promise<void>;
  logoutEverywhere(): Promise<void>;

  /** A JWT for a service, kept until shortly before it expires. */
  token(audience?: string): Promise<string>;
  /** As the browser's `fetch`, with a token, to an origin of `apis` only. After 401 it tries once more with a new one. */
  fetch(input: RequestInput, init?: RequestInit & { audience?: string }): Promise<Response>;
  /** A WebSocket that comes back by itself, to an origin of `apis` only. Ends with the session's user. */
  socket(url: string | URL, options?: LineOptions): Line;
}

export function createAuth(options?: Options): Auth;

/** A token, and when to replace it, in milliseconds since 1970. */
export interface Minted {
  token: string;
  until: number;
}
/** What socket.js needs of the client. */
export interface Source {
  get(): Snapshot;
  subscribe: Auth['subscribe'];
  mint: Mint;
  /** A service refused this token. */
  drop: Drop;
}
export type Mint = (audience?: string) => Promise<Minted>;
export type Drop = (minted: Minted, audience?: string) => void;

// The rest is for auth.js itself. First: what each route takes and answers.

type Route<Method extends string, Path extends string> =
  Path extends keyof paths
    ? Lowercase<Method> extends keyof paths[Path] ? paths[Path][Lowercase<Method>] : never
    : never;
type Json<Content> = Content extends { content: { 'application/json': infer Body } } ? Body : undefined;
// `any`: a path with a parameter in it is no key of `paths`.
type Answers<Operation> = [Operation] extends [never] ? any
  : Operation extends { responses: infer All } ? Json<All[keyof All & (200 | 201)]> : never;
type BodyOf<Operation> = Operation extends { requestBody?: infer Body } ? Json<NonNullable<Body>> : undefined;

/** `late`: a sign-in or a sign-out came between the request and its answer. */
export type Ask = <Method extends 'GET' | 'POST' | 'DELETE', Path extends string>(
  method: Method,
  path: Path,
  body?: BodyOf<Route<Method, Path>>,
  left?: Record<string, number>,
) => Promise<{ body: Answers<Route<Method, Path>>; late: boolean }>;
export type Enter = <Path extends '/login' | '/register/verify' | '/password'>(
  path: Path,
  body: BodyOf<Route<'POST', Path>>,
) => Promise<Snapshot>;
export type Once = <Result>(key: string, work: () => Promise<Result>) => Promise<Result>;
export type Show = (answer?: Schemas['SignedIn'] | null, error?: AuthError) => void;
export type Done = (call: Promise<{ late: boolean }>, isEnd?: boolean) => Promise<void>;
export type Remedies = Record<string, (error: AuthError, user: User | null) => any>;
export type Look = () => Promise<Snapshot>;
export type Tell = (word: 'look' | 'out') => void;
export type Locate = (place: string | URL) => URL;
export type Way = (provider: string, options?: { returnTo?: string; prompt?: string }) => string;
export type Fail = (answer: Response, body: any) => AuthError;
