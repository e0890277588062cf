// The functions whose images are tested, and where the archives of these are.

import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
export const ARCH = process.env.ARCH;
export const ALL = readdirSync(join(ROOT, 'functions')).sort();
export const NAMES = process.env.NAMES?.match(/\S+/g) ?? ALL;

export const archive = (name) => join(ROOT, '.local/images', ARCH, `${name}.tar`);
