// The journeys on Redis and DynamoDB, through the program `host`.

import { onBothStores } from './journeys/all.mjs';

await onBothStores('host');
