// The programs whose images are tested, and where the archives of these are.

import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
export const ARCH = process.env.ARCH;
export const FUNCTIONS = readdirSync(join(ROOT, 'functions')).sort();
// The programs of a group are compiled together.
export const GROUPS = [FUNCTIONS, ['host'], ['dynamodb']];
const chosen = process.env.NAMES?.match(/\S+/g);
export const NAMES = chosen?.flatMap((name) => (name === 'functions' ? FUNCTIONS : name)) ?? GROUPS.flat();

export const archive = (name) => join(ROOT, '.local/images', ARCH, `${name}.tar`);
