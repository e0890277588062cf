// The OpenID Connect provider of the local login API. A person who types an account name is signed in as that account:
// this is for one machine, and listens only on the loopback interface.
//
// Settings are the variables that the API itself reads: OIDC_LOCAL_ISSUER (also where to listen), OIDC_LOCAL_CLIENT_ID,
// OIDC_LOCAL_CLIENT_SECRET, and PUBLIC_URL, below which the callback is.

import { generateKeyPairSync } from 'node:crypto';

// The library warns about settings that are right on a laptop but wrong in production.
for (const level of ['info', 'warn']) {
  const say = console[level];
  console[level] = (line, ...rest) => /oidc-provider (NOTICE|WARNING)/.test(line) || say(line, ...rest);
}
const { Provider } = await import('oidc-provider');

const needed = (name) => process.env[name] || fail(`${name} is missing`);
const issuer = needed('OIDC_LOCAL_ISSUER');

const configuration = {
  clients: [{
    client_id: needed('OIDC_LOCAL_CLIENT_ID'),
    client_secret: needed('OIDC_LOCAL_CLIENT_SECRET'),
    redirect_uris: [`${needed('PUBLIC_URL').replace(/\/$/, '')}/callback/local`],
    response_types: ['code'],
    grant_types: ['authorization_code'],
  }],
  pkce: { required: () => true },
  scopes: ['openid', 'email', 'profile'],
  claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name'] },
  // As Google does: email and name are in the ID token, not only behind the userinfo endpoint.
  conformIdTokenClaims: false,
  findAccount: (_, id) => ({ accountId: id, claims: () => claims(id) }),
  // Signing in counts as consent: one page fewer between a test and its login.
  loadExistingGrant,
  features: { devInteractions: { enabled: true } },
  jwks: { keys: [signingKey()] },
  cookies: { keys: ['local'] },
  ttl: { Interaction: 3600, Session: 86400, Grant: 86400, AccessToken: 3600, IdToken: 3600 },
};

// "demo" is the demo account; any other name is an address, or the first half of one. A name that starts with
// "unverified" has an unconfirmed address.
function claims(id) {
  const email = id.includes('@') ? id : `${id}@example.com`;
  const name = id.split('@')[0];
  return {
    sub: id,
    email,
    email_verified: !id.startsWith('unverified'),
    name: name.charAt(0).toUpperCase() + name.slice(1),
  };
}

async function loadExistingGrant(ctx) {
  const { client, provider, session } = ctx.oidc;
  const found = session.grantIdFor(client.clientId);
  if (found) return provider.Grant.find(found);
  const grant = new provider.Grant({ clientId: client.clientId, accountId: session.accountId });
  grant.addOIDCScope('openid email profile');
  await grant.save();
  return grant;
}

function signingKey() {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return { ...privateKey.export({ format: 'jwk' }), use: 'sig', alg: 'RS256' };
}

function fail(reason) {
  console.error(`provider: ${reason}`);
  process.exit(1);
}

const provider = new Provider(issuer, configuration);
provider.on('server_error', (_, error) => console.error('provider:', error));
provider.listen(Number(new URL(issuer).port || 80), '127.0.0.1').on('error', (error) => fail(error.message));
