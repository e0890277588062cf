import { asks, told } from './form.js';
import { base, byId, client, fill, language, leave } from './page.js';

/** @import { ListedSession, Identity } from './types/auth.d.ts' */

const words = JSON.parse(/** @type {HTMLElement} */ (document.querySelector('main')).dataset.words ?? '{}');
const auth = client(confirm);
const LINKING = 'linking';

const moment = new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'short' });
const on = (/** @type {string} */ text, /** @type {string} */ at) => text.replace('{}', moment.format(new Date(at)));

/** Says how it went. @param {{ title: string, detail?: string }} text @param {boolean} good */
const say = ({ title, detail = '' }, good) => {
  const place = byId('outcome');
  const strong = document.createElement('strong');
  strong.textContent = title;
  place.replaceChildren(strong, detail);
  place.className = `notice ${good ? 'good' : 'bad'}`;
  place.hidden = false;
};

/** A button that does something, once at a time. @param {HTMLButtonElement} button @param {() => Promise<unknown>} work @param {string} [done] */
const does = (button, work, done) => {
  button.addEventListener('click', async () => {
    if (button.getAttribute('aria-disabled') === 'true') return;
    button.setAttribute('aria-disabled', 'true');
    try {
      await work();
      if (done) say({ title: done }, true);
    } catch (error) {
      say(await told(error), false);
    } finally {
      button.removeAttribute('aria-disabled');
    }
  });
};

/** One line of a list, with a button. @param {{ title: string, tag?: string, lines: string[], button?: string }} what */
const row = ({ title, tag, lines, button }) => {
  const item = byId('row').content.cloneNode(true).firstElementChild;
  const [strong, mark, text, action] = ['strong', '.tag', 'p', 'button'].map((name) => item.querySelector(name));
  strong.textContent = title;
  mark.textContent = tag ?? '';
  mark.hidden = !tag;
  text.textContent = lines.filter(Boolean).join(' · ');
  action.textContent = button ?? '';
  action.hidden = !button;
  // A list of equal buttons is told apart by what each is for.
  action.setAttribute('aria-label', `${button}: ${title}`);
  return { item, action };
};

/** @param {ListedSession} session */
const deviceName = ({ device_name: own, browser, system }) => {
  if (own) return own;
  if (browser && system) return words.on.replace('{browser}', browser).replace('{system}', system);
  return browser ?? system ?? words.unknown;
};

const showDevices = async () => {
  const sessions = await auth.sessions();
  const items = sessions.map((/** @type {ListedSession} */ session) => {
    const { id, current, created_at: begun, last_seen_at: seen, ip } = session;
    const lines = [on(words.signed_in_at, begun), current ? '' : on(words.seen_at, seen), ip ? words.address.replace('{}', ip) : ''];
    const { item, action } = row({
      title: deviceName(session),
      tag: current ? words.this_device : undefined,
      lines,
      button: current ? undefined : words.sign_out,
    });
    does(action, async () => {
      await auth.endSession(id);
      await showDevices();
    }, words.ended);
    return item;
  });
  byId('devices').replaceChildren(...items);
  byId('others').hidden = sessions.length < 2;
};

/** @param {Identity} way */
const wayName = ({ kind, provider, email }) => {
  const button = /** @type {HTMLElement | null} */ (document.querySelector(`[data-link="${provider}"]`));
  const name = provider ? button?.dataset.label ?? provider : words[`way_${kind}`] ?? words.way_email;
  return email ? `${name}: ${email}` : name;
};

const showWays = async () => {
  const ways = await auth.identities();
  const items = ways.map((/** @type {Identity} */ way) => {
    const used = way.last_used_at ? on(words.last_used, way.last_used_at) : words.never_used;
    const { item, action } = row({ title: wayName(way), lines: [used], button: way.provider ? words.remove : undefined });
    does(action, async () => {
      await auth.unlink(way.id);
      await showWays();
    }, words.removed);
    return item;
  });
  byId('ways').replaceChildren(...items);
  const linked = new Set(ways.map((/** @type {Identity} */ { provider }) => provider));
  for (const button of document.querySelectorAll('[data-link]')) {
    /** @type {HTMLElement} */ (button).hidden = linked.has(/** @type {HTMLElement} */ (button).dataset.link ?? '');
  }
  const hasPassword = ways.some((/** @type {Identity} */ { kind }) => kind === 'password');
  byId('password').hidden = !hasPassword;
  byId('set').hidden = hasPassword;
  return linked;
};

/** Asks for the password, or for another visit at a provider. @returns {Promise<false | { password: string }>} */
async function confirm() {
  const dialog = byId('confirm');
  const secret = byId('confirmation');
  const hasPassword = !byId('password').hidden;
  for (const part of dialog.querySelectorAll('[data-with]')) part.hidden = (part.dataset.with === 'password') !== hasPassword;
  secret.value = '';
  dialog.showModal();
  await new Promise((resolve) => dialog.addEventListener('close', resolve, { once: true }));
  return dialog.returnValue === 'confirm' && secret.value ? { password: secret.value } : false;
}

const toLogin = () => leave(`${base}/login?${new URLSearchParams({ return_to: location.origin + location.pathname })}`);

asks(byId('password'), async ({ current_password: current, new_password: next }) => {
  await auth.changePassword({ current, next });
  byId('password').reset();
  say({ title: words.changed }, true);
  await showDevices();
});

asks(byId('set'), async () => {
  const email = auth.get().user?.email ?? '';
  await auth.forgot(email);
  say({ title: `${words.sent} ${email}` }, true);
});

does(byId('sign-out'), () => auth.logout());
does(byId('everywhere'), () => auth.logoutEverywhere());
does(byId('others'), async () => {
  await auth.endOthers();
  await showDevices();
}, words.others_ended);
for (const button of document.querySelectorAll('[data-link]')) {
  const { link = '' } = /** @type {HTMLElement} */ (button).dataset;
  does(/** @type {HTMLButtonElement} */ (button), async () => {
    sessionStorage.setItem(LINKING, link);
    await auth.link(link, { returnTo: location.origin + location.pathname });
  });
}

auth.subscribe(({ state }) => {
  if (state === 'out') toLogin();
});
const { state, user, session } = await auth.ready;
if (state === 'out') toLogin();
else {
  fill({
    name: user?.name ?? '–',
    email: user?.email ?? '–',
    since: session ? moment.format(new Date(session.created_at)) : '–',
  });
  for (const input of document.querySelectorAll('input[data-fill="username"]')) /** @type {HTMLInputElement} */ (input).value = user?.email ?? '';
  const picture = /** @type {HTMLImageElement} */ (document.querySelector('[data-fill="picture"]'));
  if (user?.picture) {
    picture.addEventListener('load', () => { picture.hidden = false; });
    picture.src = user.picture;
  }
  const shown = await Promise.allSettled([showWays(), showDevices()]);
  const failure = shown.find(({ status }) => status === 'rejected');
  if (failure) say(await told(/** @type {PromiseRejectedResult} */ (failure).reason), false);
  const asked = sessionStorage.getItem(LINKING);
  sessionStorage.removeItem(LINKING);
  if (asked && shown[0].status === 'fulfilled' && shown[0].value.has(asked)) say({ title: words.added }, true);
  byId('account').removeAttribute('aria-busy');
}
