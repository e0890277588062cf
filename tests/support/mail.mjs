// The mails that the local mail server has received.

// Every mail to `address` so far, oldest first: `[{ id, to, subject, received_at, from, headers, text, html }]`.
export async function mailsTo(page, address) {
  const all = await read(new URL('/mails', page));
  const theirs = all.filter(({ to }) => to.includes(address));
  return Promise.all(theirs.map(({ id }) => read(new URL(`/mails/${id}`, page))));
}

// The token in the link of a mail; the text and the HTML have the same one.
export function tokenIn({ subject, text, html }) {
  const [inText, inHtml] = [text, html].map((part) => /#token=([\w-]{43})(?![\w-])/.exec(part)?.[1]);
  if (!inText || inText !== inHtml) throw new Error(`no link in "${subject}"`);
  return inText;
}

async function read(url) {
  const answer = await fetch(url, { signal: AbortSignal.timeout(10_000) });
  if (!answer.ok) throw new Error(`${url} answers ${answer.status}`);
  return answer.json();
}
