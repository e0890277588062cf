// The token of a mail's link. It is a fragment, so that no server sees it, and leaves the address bar once it is read.

import { told } from './form.js';
import { fill, show } from './page.js';

export const token = new URLSearchParams(location.hash.slice(1)).get('token');
history.replaceState(null, '', location.pathname + location.search);

/** Says why the link does not work, and what helps. @param {any} error */
export const fails = async (error) => {
  for (const way of document.querySelectorAll('[data-for]')) {
    const { dataset } = /** @type {HTMLElement} */ (way);
    /** @type {HTMLElement} */ (way).hidden = dataset.for !== error.slug;
  }
  fill(await told(error));
  show('failed');
};
