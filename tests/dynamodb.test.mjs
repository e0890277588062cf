// The same journeys on DynamoDB without Redis.

import { onDynamoDbAlone } from './journeys/all.mjs';

await onDynamoDbAlone('gateway');
