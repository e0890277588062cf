// Is compiled together with what is generated from infra/openapi.yaml: a client can tell the problems apart, reads the codes
// of faults, and must send the CSRF token.

import type { components, operations, paths } from './api.js';

type Refused = operations['register']['responses'][422]['content']['application/problem+json'];
type Fault = components['schemas']['Fault'];

export function texts(refused: Refused): string[] {
  const faults: Fault[] = refused.errors;
  return faults.map(({ pointer, code, params }) => (code === 'too-short' ? `${pointer} ${params.min}` : `${pointer} ${code}`));
}

type Problems = operations['signIn']['responses'];
export const wait = (problem: Problems[429]['content']['application/problem+json']): number => problem.retry_after;

// @ts-expect-error: without the header it is no such request.
export const forged: paths['/password']['post']['parameters'] = {};
export const own: paths['/password']['post']['parameters'] = { header: { 'X-CSRF-Token': 'token' } };
