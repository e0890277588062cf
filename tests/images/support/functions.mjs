// The programs that have images, and where their archives are.

import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
export const ARCH = process.env.ARCH;
export const NAMES = readdirSync(join(ROOT, 'functions')).sort();
// These are compiled by themselves.
export const GROUPS = [NAMES, ['host'], ['dynamodb']];

export const archive = (name) => join(ROOT, '.local/images', ARCH, `${name}.tar`);
