// Secrets that only the browser may see: recorded during the journeys, searched for afterwards.

export class Secrets {
  #kinds = new Map();

  // Records a secret. Text that is too short would be found by chance.
  add(kind, value) {
    if (typeof value === 'string' && value.length >= 8) this.#kinds.set(value, kind);
  }

  // Records the secrets of a `Set-Cookie` line; a login under way holds more inside.
  addCookie(line) {
    const [, name, value] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
    this.add(`cookie ${name}`, value);
    if (!name?.startsWith('__Host-login_') || !value) return;
    const { state, nonce, verifier } = JSON.parse(Buffer.from(value, 'base64url'));
    for (const [kind, secret] of Object.entries({ state, nonce, verifier })) this.add(kind, secret);
  }

  // Records the secrets in the query of a redirect.
  addUrl(url) {
    for (const kind of ['code', 'state', 'nonce']) this.add(kind, url.searchParams.get(kind));
  }

  // Records the secrets of a JSON answer.
  addBody(body) {
    this.add('CSRF token', body?.csrf_token);
    for (const jwt of [body?.token, body?.access_token]) this.add('JWT', jwt);
    for (const half of body?.refresh_token?.split('.') ?? []) this.add('refresh token', half);
  }

  get kinds() {
    return new Set(this.#kinds.values());
  }

  // The kinds of the secrets that `text` holds, unchanged or as a URL or JSON writes them.
  in(text) {
    const forms = (value) => [value, encodeURIComponent(value), JSON.stringify(value).slice(1, -1)];
    const held = [...this.#kinds].filter(([value]) => forms(value).some((form) => text.includes(form)));
    return [...new Set(held.map(([, kind]) => kind))];
  }
}
