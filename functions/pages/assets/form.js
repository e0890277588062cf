// A form that asks the API: each fault stands at its field, and the first one gets the focus.

import { failed, language } from './page.js';
import { texts } from './texts.js';

/** @import { AuthError } from './types/auth.d.ts' */

const speaking = texts(language);
speaking.catch(() => {});

/** What to tell a person of a failure. @param {any} error @returns {Promise<{ title: string, detail: string }>} */
export const told = async (error) => {
  try {
    const { title, detail = '' } = (await speaking).problem(error);
    return { title, detail };
  } catch {
    return { title: failed, detail: '' };
  }
};

/**
 * Asks with what the form holds. While that is under way, nothing is asked twice.
 * @param {HTMLFormElement} form
 * @param {(values: any) => Promise<unknown>} action gets the fields by their names
 */
export const asks = (form, action) => {
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    const button = /** @type {HTMLButtonElement} */ (form.querySelector('button.primary'));
    if (button.getAttribute('aria-disabled') === 'true') return;
    button.setAttribute('aria-disabled', 'true');
    clear(form);
    try {
      await action(Object.fromEntries(new FormData(form)));
    } catch (error) {
      await tell(form, error);
    } finally {
      button.removeAttribute('aria-disabled');
    }
  });
};

/** @param {HTMLFormElement} form */
const clear = (form) => {
  for (const fault of form.querySelectorAll('.fault')) fault.remove();
  for (const input of form.querySelectorAll('[aria-invalid]')) {
    input.removeAttribute('aria-invalid');
    describe(input, '');
  }
  outcome(form).hidden = true;
};

/** @param {HTMLFormElement} form @returns {any} */
const outcome = (form) => form.querySelector('[data-outcome]');

/** @param {HTMLFormElement} form @param {any} error */
const tell = async (form, error) => {
  const faults = (error.errors ?? []).map((/** @type {any} */ fault) => ({ fault, input: field(form, fault.pointer) }));
  const placed = faults.filter((/** @type {any} */ { input }) => input);
  if (placed.length > 0 && placed.length === faults.length) {
    const { field: words } = await speaking;
    for (const { fault, input } of placed) mark(input, words(fault));
    placed[0].input.focus();
    return;
  }
  const { title, detail } = await told(error);
  const place = outcome(form);
  const strong = document.createElement('strong');
  strong.textContent = title;
  place.replaceChildren(strong, detail);
  place.hidden = false;
};

/** The field of a fault, by its pointer (RFC 6901). @param {HTMLFormElement} form @param {string} pointer @returns {any} */
const field = (form, pointer) => {
  const name = pointer.slice(1).replaceAll('~1', '/').replaceAll('~0', '~');
  return form.elements.namedItem(name);
};

/** @param {HTMLInputElement} input @param {string} text */
const mark = (input, text) => {
  const fault = document.createElement('p');
  fault.className = 'fault';
  fault.id = `${input.id}-fault`;
  fault.textContent = text;
  input.closest('.field')?.append(fault);
  input.setAttribute('aria-invalid', 'true');
  describe(input, fault.id);
};

/** @param {Element} input @param {string} fault */
const describe = (input, fault) => {
  const hint = document.getElementById(`${input.id}-hint`);
  const ids = [fault, hint?.id].filter(Boolean).join(' ');
  if (ids) input.setAttribute('aria-describedby', ids);
  else input.removeAttribute('aria-describedby');
};
