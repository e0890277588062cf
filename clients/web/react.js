// The client in React: who is signed in, as a hook and as a component. Only this file needs React.

import { createContext, createElement, useContext, useMemo, useSyncExternalStore } from 'react';

/** @import { AuthProvider as Provider, SignedIn as Shown, useAuth as Hook } from './types/react.d.ts' */
/** @import { Auth, Snapshot } from './types/auth.d.ts' */

const Context = createContext(/** @type {Auth | undefined} */ (undefined));

// A server knows no user, and the first render in the browser must be the server's.
/** @type {Snapshot} */
const UNKNOWN = Object.freeze({ state: 'loading', user: null, session: null });

/** @type {typeof Provider} */
export const AuthProvider = ({ auth, children }) => createElement(Context.Provider, { value: auth }, children);

/** @type {typeof Hook} */
export const useAuth = () => {
  const auth = useContext(Context);
  if (!auth) throw new Error('useAuth needs an AuthProvider above it');
  const snapshot = useSyncExternalStore(auth.subscribe, auth.get, () => UNKNOWN);
  return useMemo(() => ({ ...auth, ...snapshot }), [auth, snapshot]);
};

/** @type {typeof Shown} */
export const SignedIn = ({ children, otherwise = null, loading = null }) => {
  const { state } = useAuth();
  return state === 'in' ? children : state === 'out' ? otherwise : loading;
};
