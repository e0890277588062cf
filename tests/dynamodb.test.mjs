// The same journeys on DynamoDB alone.

import { after } from 'node:test';
import { ending } from './journeys/ending.mjs';
import { oidc } from './journeys/oidc.mjs';
import { password } from './journeys/password.mjs';
import { Api } from './support/api.mjs';

const api = await Api.start({ redis: false });
after(() => api.dispose());

password(api);
oidc(api);
ending(api, ['code', 'state', 'nonce', 'verifier', 'JWT']);
