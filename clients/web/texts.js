// What to tell a person of a failed call, in their language. A language is one file in texts/.

/** @import { Language, Texts } from './types/texts.d.ts' */

// Written out, because bundlers do not follow a name that is put together.
const LANGUAGES = {
  en: () => import('./texts/en.js'),
  pt: () => import('./texts/pt.js'),
};

/** @type {typeof import('./types/texts.d.ts').texts} */
export const texts = async (language = globalThis.navigator?.language) => {
  const asked = (language ?? '').toLowerCase().split('-')[0];
  const name = Object.hasOwn(LANGUAGES, asked) ? /** @type {keyof LANGUAGES} */ (asked) : 'en';
  /** @type {{ default: Language }} */
  const { default: words } = await LANGUAGES[name]();

  /** @type {Texts['field']} */
  const field = ({ code, params }) => {
    const text = Object.hasOwn(words.fields, code) ? words.fields[code] : words.other;
    return typeof text === 'string' ? text : text(params.min ?? params.max ?? 0);
  };

  /** @type {Texts['problem']} */
  const problem = ({ slug, errors = [], retryAfter }) => {
    // A newer API may have a problem that this file does not know, and a link may name anything.
    const [title, text] = words.problems[Object.hasOwn(words.problems, slug) ? slug : 'internal'];
    const detail = typeof text === 'string' ? text : text(wait(name, retryAfter) ?? words.soon);
    const faults = new Set(errors.map(field));
    return { title, detail: faults.size > 0 ? [...faults].join(' ') : detail };
  };

  return { problem, field };
};

// In words, such as "30 seconds"; from two minutes on in whole minutes, rounded up.
/** @type {(language: string, seconds?: number) => string | undefined} */
const wait = (language, seconds) => {
  if (!seconds) return undefined;
  const [value, unit] = seconds < 120 ? [seconds, 'second'] : [Math.ceil(seconds / 60), 'minute'];
  return new Intl.NumberFormat(language, { style: 'unit', unit, unitDisplay: 'long' }).format(value);
};
