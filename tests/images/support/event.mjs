// Requests as API Gateway sends them to a function (HTTP API, payload format 2.0).

import { randomUUID } from 'node:crypto';

export const HOST = 'auth.example.com';

// The request that a page of the API's own origin sends with `method` to a route, whose `{names}` are filled in from
// `parameters`.
export function request(method, route, { query = {}, json, cookies, headers = {}, parameters } = {}) {
  const path = route.replace(/\{(\w+)\}/g, (_, name) => parameters[name]);
  const type = json && { 'content-type': 'application/json' };
  const own = { host: HOST, origin: `https://${HOST}`, ...type, ...headers };
  const http = { method, path, protocol: 'HTTP/1.1', sourceIp: '198.51.100.7', userAgent: 'Browser/1.0' };
  return {
    version: '2.0',
    routeKey: `${method} ${route}`,
    rawPath: path,
    rawQueryString: new URLSearchParams(query).toString(),
    headers: own,
    ...(cookies && { cookies }),
    ...(Object.keys(query).length > 0 && { queryStringParameters: query }),
    ...(parameters && { pathParameters: parameters }),
    requestContext: {
      accountId: '123456789012',
      apiId: 'a1b2c3d4e5',
      domainName: HOST,
      domainPrefix: 'auth',
      http,
      requestId: randomUUID(),
      routeKey: `${method} ${route}`,
      stage: '$default',
      time: '06/May/2031:07:08:09 +0000',
      timeEpoch: 1_935_904_089_123,
    },
    ...(json && { body: JSON.stringify(json) }),
    isBase64Encoded: false,
  };
}
