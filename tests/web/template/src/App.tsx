import { AuthProvider, SignedIn, useAuth } from '@serverless-login/web/react';
import { type SubmitEvent, useEffect, useState } from 'react';
import { auth, tell } from './auth.ts';

export default function App() {
  return (
    <AuthProvider auth={auth}>
      <main>
        <h1>App</h1>
        {location.pathname === '/verify' ? <Verify /> : <Start />}
      </main>
    </AuthProvider>
  );
}

function Start() {
  return (
    <SignedIn loading={<output>…</output>} otherwise={<SignIn />}>
      <Home />
    </SignedIn>
  );
}

function SignIn() {
  const { login, loginWith, register } = useAuth();
  const [message, setMessage] = useState('You are signed out');
  const submit = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    const data = new FormData(event.currentTarget);
    const [email, password] = [String(data.get('email')), String(data.get('password'))];
    const wantsAccount = event.submitter?.id === 'register';
    const call = wantsAccount ? register({ email, password }).then(() => 'Look into your mail') : login({ email, password }).then(() => '');
    call.catch(tell).then(setMessage);
  };
  return (
    <form onSubmit={submit}>
      <label>Email <input name="email" type="email" /></label>
      <label>Password <input name="password" type="password" /></label>
      <button id="login" type="submit">Sign in</button>
      <button id="register" type="submit">Make an account</button>
      <button id="provider" type="button" onClick={() => loginWith('local')}>Sign in with the provider</button>
      <output>{message}</output>
    </form>
  );
}

function Home() {
  const { user, logout } = useAuth();
  const [message, setMessage] = useState('');
  return (
    <>
      <output>Signed in as {user?.email}</output>
      <button id="logout" type="button" onClick={() => { logout().catch(tell).then((text) => setMessage(text ?? '')); }}>Sign out</button>
      <p>{message}</p>
    </>
  );
}

/** The page that the mail links to. StrictMode runs the effect twice. */
function Verify() {
  const { verify, user } = useAuth();
  const [message, setMessage] = useState('…');
  useEffect(() => {
    const token = new URLSearchParams(location.hash.slice(1)).get('token') ?? '';
    verify({ token }).then(() => setMessage('Your account is ready'), (error) => tell(error).then(setMessage));
  }, [verify]);
  return <output>{message} {user?.email}</output>;
}
