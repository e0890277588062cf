// A person with their own browser: a cookie jar, an origin, and the data of the last answer.

import { CookieJar } from 'tough-cookie';

export const SESSION = '__Host-session_id';
const PAGE = { accept: 'text/html,application/xhtml+xml' };

// Addresses for testing (RFC 2544), so that no client is counted for another's failures.
const addresses = (function* () {
  for (let number = 1; ; number += 1) yield `198.18.${number >> 8}.${number & 255}`;
})();

export class Client {
  // Strict: a cookie that breaks the rules of its `__Host-` name is an error. Like a browser, the jar treats
  // http://localhost as secure.
  #jar = new CookieJar(null, { prefixSecurity: 'strict' });

  // `address` is the client's apparent address, if the API trusts the header that names it.
  constructor(api, address = addresses.next().value) {
    this.api = api;
    this.address = address;
  }

  get(target, options) {
    return this.#send('GET', target, options);
  }

  // A request as a page of the API's own origin sends it; `csrf: false` leaves the CSRF token out.
  post(target, options) {
    return this.#change('POST', target, options);
  }

  delete(target, options) {
    return this.#change('DELETE', target, options);
  }

  #change(method, target, { json, form, csrf = this.csrf, headers } = {}) {
    const own = { origin: new URL(target, this.api.url).origin };
    if (csrf) own['x-csrf-token'] = csrf;
    if (json) own['content-type'] = 'application/json';
    const body = json ? JSON.stringify(json) : form && new URLSearchParams(form);
    return this.#send(method, target, { headers: { ...own, ...headers }, body });
  }

  login({ email, password }) {
    return this.post('/login', { json: { email, password } });
  }

  // What happens when a person types an address or clicks a link, one redirect at a time.
  navigate(target) {
    return this.get(target, { headers: PAGE });
  }

  // The value of a cookie that would be sent to the API.
  async cookie(name) {
    const cookies = await this.#jar.getCookies(this.api.url);
    return cookies.find(({ key }) => key === name)?.value;
  }

  // The names of those cookies.
  async cookieNames() {
    return (await this.#jar.getCookies(this.api.url)).map(({ key }) => key);
  }

  // Puts back a cookie that the API has removed.
  async plant(name, value) {
    await this.#jar.setCookie(`${name}=${value}; Path=/; Secure; HttpOnly`, this.api.url);
  }

  async #send(method, target, { headers = {}, body } = {}) {
    const url = new URL(target, this.api.url);
    const cookie = await this.#jar.getCookieString(url.href);
    const sent = { 'x-client-address': this.address, ...headers, ...(cookie && { cookie }) };
    // Longer than the gateway waits for a function.
    const limit = AbortSignal.timeout(40_000);
    const response = await fetch(url, { method, headers: sent, body, redirect: 'manual', signal: limit });
    for (const line of response.headers.getSetCookie()) await this.#jar.setCookie(line, url.href);
    return this.#read(method, url, response);
  }

  async #read(method, url, { status, headers, body: stream }) {
    const text = await new Response(stream).text();
    const body = /json/.test(headers.get('content-type')) ? JSON.parse(text) : undefined;
    const location = headers.has('location') ? new URL(headers.get('location'), url) : undefined;
    const answer = { status, headers, text, body, location, url };
    if (location) this.api.secrets.addUrl(location);
    if (url.origin === new URL(this.api.url).origin) {
      for (const line of headers.getSetCookie()) this.api.secrets.addCookie(line);
      this.api.secrets.addBody(body);
      this.api.contract.check(method, url.pathname, answer);
      this.csrf = body?.csrf_token ?? this.csrf;
    }
    return answer;
  }
}
