// The interface of react.js.

import type { FunctionComponent, ReactNode } from 'react';
import type { Auth, Snapshot } from './auth.js';

/** Makes a client available below it. */
export const AuthProvider: FunctionComponent<{ auth: Auth; children?: ReactNode }>;
/** The client's methods, with who is signed in. Renders again when that changes. */
export function useAuth(): Auth & Snapshot;
/** Shows its children to a signed-in user, `otherwise` to any other person, `loading` until it is known which. */
export const SignedIn: FunctionComponent<{ children?: ReactNode; otherwise?: ReactNode; loading?: ReactNode }>;
