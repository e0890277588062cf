// The journeys on Redis and DynamoDB.

import { onBothStores } from './journeys/all.mjs';

await onBothStores('gateway');
