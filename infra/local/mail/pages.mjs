// The pages that show the mails to a person.

const STYLE = `
  :root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
  body { max-width: 56rem; margin: 2rem auto; padding: 0 1rem; }
  td, th { padding: .3rem 1rem .3rem 0; text-align: left; vertical-align: top; }
  pre { white-space: pre-wrap; overflow-wrap: anywhere; border: 1px solid #8888; padding: 1rem; }
  iframe { width: 100%; height: 36rem; border: 1px solid #8888; background: Canvas; }
`;

const escaped = (text) => String(text ?? '').replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);

function page(title, body) {
  return `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${escaped(title)}</title><style>${STYLE}</style><h1>${escaped(title)}</h1>${body}</html>`;
}

// All mails, in the order given.
export function list(mails) {
  if (mails.length === 0) return page('Mails', '<p>None yet. Reload this page after the API has sent one.</p>');
  const row = ({ id, to, subject, received_at }) => `<tr><td>${escaped(received_at)}<td>${escaped(to.join(', '))}
<td><a href="/mails/${escaped(id)}/page">${escaped(subject)}</a>`;
  return page('Mails', `<table><tr><th>Received<th>To<th>Subject${mails.map(row).join('')}</table>`);
}

// One mail, both as text and as HTML.
export function one({ id, from, to, subject, received_at, text, html }) {
  const frame = `<iframe sandbox="allow-popups allow-popups-to-escape-sandbox" src="/mails/${escaped(id)}/html"></iframe>`;
  return page(subject, `<p><a href="/">All mails</a></p>
<table><tr><th>From<td>${escaped(from?.name)} &lt;${escaped(from?.address)}&gt;<tr><th>To<td>${escaped(to.join(', '))}
<tr><th>Received<td>${escaped(received_at)}</table>
<h2>Text</h2><pre>${escaped(text)}</pre>${html ? `<h2>HTML</h2>${frame}` : ''}`);
}
