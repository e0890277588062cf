// The same journeys on DynamoDB without Redis.

import { after } from 'node:test';
import { accounts } from './journeys/accounts.mjs';
import { devices } from './journeys/devices.mjs';
import { ending } from './journeys/ending.mjs';
import { lines, NAMESPACE } from './journeys/lines.mjs';
import { oidc } from './journeys/oidc.mjs';
import { password } from './journeys/password.mjs';
import { smoke } from './journeys/smoke.mjs';
import { Api } from './support/api.mjs';

const api = await Api.start({ redis: false, variables: { DEVICE_GRACE: '1s', METRICS_NAMESPACE: NAMESPACE } });
after(() => api.dispose());

password(api);
oidc(api);
accounts(api);
devices(api);
lines(api);
smoke(api);
ending(api, ['code', 'state', 'nonce', 'verifier', 'JWT', 'refresh token', 'mailed token']);
