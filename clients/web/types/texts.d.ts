// The interface of texts.js, and the form of a file in texts/.

import type { AuthError, Fault, FaultCode, Slug } from './auth.js';

type Told = Pick<AuthError, 'slug'> & Partial<Pick<AuthError, 'errors' | 'retryAfter'>>;

export interface Texts {
  /** What to tell a person of a failed call. */
  problem(error: Told): { title: string; detail: string };
  /** What to tell a person beside a field of a form. */
  field(fault: Pick<Fault, 'code' | 'params'>): string;
}

/** The texts in a language (`pt`, `pt-BR`); in English if there is no file for it. The default is the browser's. */
export function texts(language?: string): Promise<Texts>;

/** A sentence, or what writes it with a time ("30 seconds") or a number of characters. */
type Sentence<Value> = string | ((value: Value) => string);
export interface Language {
  problems: Record<Slug, [title: string, detail: Sentence<string>]>;
  fields: Record<FaultCode, Sentence<number>>;
  /** Of a field, for a code that this file does not know. */
  other: string;
  /** How long to wait, if it is not known. */
  soon: string;
}
