// The journeys on Redis and DynamoDB.

import { after } from 'node:test';
import { accounts } from './journeys/accounts.mjs';
import { inBrowser } from './journeys/browser.mjs';
import { crash } from './journeys/crash.mjs';
import { crowd } from './journeys/crowd.mjs';
import { devices } from './journeys/devices.mjs';
import { ending } from './journeys/ending.mjs';
import { mail } from './journeys/mail.mjs';
import { oidc } from './journeys/oidc.mjs';
import { password } from './journeys/password.mjs';
import { revocations } from './journeys/revocations.mjs';
import { smoke } from './journeys/smoke.mjs';
import { Api } from './support/api.mjs';
import { FRONT_END, site } from './support/sites.mjs';

const app = await site(FRONT_END);
after(() => app.close());
const api = await Api.start({ variables: { ALLOWED_ORIGINS: app.origin, DEVICE_GRACE: '1s', TELL_AGAIN_AFTER: '4' } });
after(() => api.dispose());

password(api);
oidc(api);
accounts(api);
devices(api);
mail(api);
revocations(api);
inBrowser(api, app);
crowd(api);
crash(api);
smoke(api);
ending(api, ['code', 'state', 'nonce', 'verifier', 'JWT', 'refresh token', 'mailed token']);
