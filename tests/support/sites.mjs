// Web pages of other sites from the API's point of view: a front end, and an attacker.

import { once } from 'node:events';
import { createServer } from 'node:http';

// A site on its own port that answers every path with `html`. `origin` is its name in a browser, by default on
// localhost; any name below `localhost` leads here too, and is another site to a browser.
export async function site(html, host = 'localhost') {
  const type = 'text/html; charset=utf-8';
  const server = createServer((_, response) => response.setHeader('content-type', type).end(html));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const close = () => new Promise((resolve) => server.close(resolve).closeAllConnections());
  return { origin: `http://${host}:${server.address().port}`, close };
}

// A front end: a form, the signed-in user, a link to the provider, a button to sign out.
export const FRONT_END = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>App</title>
<style>body { font: 16px system-ui; margin: 3rem; max-width: 40rem } form, p { display: flex; gap: .5rem }</style>
<h1>App</h1>
<form>
<input name="email" type="email" placeholder="Email"><input name="password" type="password" placeholder="Password">
<button>Sign in</button>
</form>
<p><a>Sign in with the provider</a> <button id="leave">Sign out</button></p>
<output>…</output>
<script>
  const api = new URLSearchParams(location.search).get('api');
  const show = (text) => { document.querySelector('output').textContent = text; };
  let csrf;
  const ask = async (path, options = {}) => {
    const headers = {};
    if (options.body) headers['content-type'] = 'application/json';
    if (csrf) headers['x-csrf-token'] = csrf;
    const answer = await fetch(api + path, { credentials: 'include', headers, ...options });
    const body = answer.status === 204 ? {} : await answer.json();
    csrf = body.csrf_token;
    return body;
  };
  const tell = ({ user, title }) => show(user ? 'Signed in as ' + user.email : title ?? 'Signed out');
  document.querySelector('a').href = api + '/login/local?return_to=' + encodeURIComponent(location.href);
  document.querySelector('form').onsubmit = async (event) => {
    event.preventDefault();
    const { email, password } = Object.fromEntries(new FormData(event.target));
    const body = JSON.stringify({ email, password });
    tell(await ask('/login', { method: 'POST', body }));
  };
  document.querySelector('#leave').onclick = async () => tell(await ask('/logout', { method: 'POST' }));
  ask('/me').then(tell);
</script>
</html>
`;

// A malicious page, with a form that can be sent to the API without its permission.
export const ATTACKER = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>You have won</title>
<h1>You have won</h1>
<form method="post" enctype="text/plain"><input type="hidden"><button>Claim</button></form>
</html>
`;
