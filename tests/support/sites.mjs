// Web pages of others, as far as the API is concerned: a front end, and somebody who means harm.

import { once } from 'node:events';
import { createServer } from 'node:http';

// A site on a port of its own that answers every path with `html`. `origin` is how a browser names it, by default on
// localhost; any name below `localhost` leads here too, and is another site to a browser.
export async function site(html, host = 'localhost') {
  const type = 'text/html; charset=utf-8';
  const server = createServer((_, response) => response.setHeader('content-type', type).end(html));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const close = () => new Promise((resolve) => server.close(resolve).closeAllConnections());
  return { origin: `http://${host}:${server.address().port}`, close };
}

// A front end: a form, who is signed in, a link to the provider, a button to leave.
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

// A page that means harm, with a form that needs no leave of the API's to be sent there.
export const ATTACKER = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>You have won</title>
<h1>You have won</h1>
<form method="post" enctype="text/plain"><input type="hidden"><button>Claim</button></form>
</html>
`;
