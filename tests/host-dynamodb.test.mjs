// The same journeys on DynamoDB without Redis, through the program `host`.

import { onDynamoDbAlone } from './journeys/all.mjs';

await onDynamoDbAlone('host');
