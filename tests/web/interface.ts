// Is compiled, not run: what the modules export is what their types promise, and misuse is an error.

import * as auth from '../../clients/web/auth.js';
import * as react from '../../clients/web/react.js';
import * as texts from '../../clients/web/texts.js';
import type * as Auth from '../../clients/web/types/auth.js';
import type * as React from '../../clients/web/types/react.js';
import type * as Texts from '../../clients/web/types/texts.js';

export const written: [typeof Auth, typeof React, typeof Texts] = [auth, react, texts];

const client = auth.createAuth({ url: '/auth', confirm: async () => ({ password: '' }), apis: ['/'], language: 'pt' });
const now = client.get();

// Who is in has a user; any other person has none.
export const name: string | null = now.state === 'in' ? now.user.name : now.user;
// @ts-expect-error: the state must be asked first.
export const unknown: string = now.user.id;
// @ts-expect-error: no problem has this name.
export const misspelt = (error: Auth.AuthError) => error.slug === 'signedout';
// @ts-expect-error: a login needs a password.
client.login({ email: 'ada@example.com' });
// @ts-expect-error: the API knows no such method of sign-in.
export const kind: 'passkey' = (await client.identities())[0].kind;
