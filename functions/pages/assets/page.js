// What every page does: one client, views of which one is shown, and texts that are filled in.

import { createAuth } from './auth.js';

/** @import { Auth, Options } from './types/auth.d.ts' */

const { dataset } = document.body;

/** Where a person goes who is signed in; the server has judged it. */
export const returnTo = dataset.returnTo ?? '/';

/** The part of our paths before the routes. */
export const base = dataset.base ?? '';

/** What to say if the texts cannot be loaded. */
export const failed = dataset.failed ?? '';

export const language = document.documentElement.lang;

/** The client of a page. @param {Options['confirm']} [confirm] @returns {Auth} */
export const client = (confirm) => createAuth({ url: base, language, confirm });

/** An element that the page has. @param {string} id @returns {any} */
export const byId = (id) => document.getElementById(id);

/** Shows one view, and reads it out. @param {string} name */
export const show = (name) => {
  for (const view of document.querySelectorAll('[data-view]')) {
    const { dataset: { view: own } } = /** @type {HTMLElement} */ (view);
    /** @type {HTMLElement} */ (view).hidden = own !== name;
    if (own === name) /** @type {HTMLElement | null} */ (view.querySelector('h1'))?.focus();
  }
};

/** Fills in texts, by the names of their places. @param {Record<string, string>} values @param {ParentNode} [root] */
export const fill = (values, root = document) => {
  for (const [name, value] of Object.entries(values)) {
    for (const place of root.querySelectorAll(`[data-fill="${name}"]`)) place.textContent = value;
  }
};

/** Leads to another page. @param {string | URL} url */
export const leave = (url) => location.assign(url);

for (const button of document.querySelectorAll('button[data-shows]')) showsSecret(/** @type {HTMLButtonElement} */ (button));

/** @param {HTMLButtonElement} button */
function showsSecret(button) {
  const input = byId(button.dataset.shows ?? '');
  const words = [button.textContent, button.dataset.hide ?? ''];
  button.addEventListener('click', () => {
    const shown = input.type === 'password';
    input.type = shown ? 'text' : 'password';
    button.textContent = words[Number(shown)];
    button.setAttribute('aria-pressed', String(shown));
  });
}
