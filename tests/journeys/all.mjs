// Every journey: one suite for two fronts, `cargo lambda watch` and the program `host`.

import { after } from 'node:test';
import { Api } from '../support/api.mjs';
import { FRONT_END, site } from '../support/sites.mjs';
import { accounts } from './accounts.mjs';
import { inBrowser } from './browser.mjs';
import { cors } from './cors.mjs';
import { crash } from './crash.mjs';
import { crowd } from './crowd.mjs';
import { devices } from './devices.mjs';
import { ending } from './ending.mjs';
import { instances } from './instances.mjs';
import { lines, NAMESPACE } from './lines.mjs';
import { mail } from './mail.mjs';
import { oidc } from './oidc.mjs';
import { pages } from './pages.mjs';
import { password } from './password.mjs';
import { revocations } from './revocations.mjs';
import { smoke } from './smoke.mjs';
import { strict } from './strict.mjs';

const MET = ['code', 'state', 'nonce', 'verifier', 'JWT', 'refresh token', 'mailed token'];

// On Redis and DynamoDB.
export async function onBothStores(front) {
  const app = await site(FRONT_END);
  after(() => app.close());
  const variables = { ALLOWED_ORIGINS: app.origin, DEVICE_GRACE: '1s', TELL_AGAIN_AFTER: '4' };
  const api = await Api.start({ front, variables });
  after(() => api.dispose());

  password(api);
  oidc(api);
  accounts(api);
  devices(api);
  mail(api);
  revocations(api);
  cors(api, app);
  inBrowser(api, app);
  crowd(api);
  if (front === 'host') {
    pages(api);
    instances(api);
  } else crash(api);
  smoke(api);
  ending(api, MET);
}

// On DynamoDB without Redis.
export async function onDynamoDbAlone(front) {
  const api = await Api.start({ front, redis: false, variables: { DEVICE_GRACE: '1s', METRICS_NAMESPACE: NAMESPACE } });
  after(() => api.dispose());

  password(api);
  oidc(api);
  accounts(api);
  devices(api);
  lines(api);
  if (front === 'host') strict();
  smoke(api);
  ending(api, MET);
}
