// The mail server of the local login API. It keeps mails in memory, delivers none, and shows them:
//
//   GET /                 a page with all mails, newest first
//   GET /mails            the same as JSON, oldest first: [{ id, to, subject, received_at }]
//   GET /mails/{id}       one mail as JSON: [..., from, headers, text, html]
//   GET /mails/{id}/page  one mail to be read
//   GET /mails/{id}/html  its HTML part
//
// node mail.mjs PORT SMTP_PORT; both only on the loopback interface.

import { createServer } from 'node:http';
import PostalMime from 'postal-mime';
import { SMTPServer } from 'smtp-server';
import { list, one } from './pages.mjs';

const [port, smtpPort] = process.argv.slice(2).map(Number);
// Older mails are no longer needed.
const KEPT = 500;
const mails = [];

async function receive(stream, { envelope }, done) {
  try {
    const chunks = [];
    for await (const chunk of stream) chunks.push(chunk);
    const { subject, text, html, from, headers } = await PostalMime.parse(Buffer.concat(chunks));
    const id = String((Number(mails.at(-1)?.id) || 0) + 1);
    const to = envelope.rcptTo.map(({ address }) => address);
    mails.push({ id, to, subject, received_at: new Date().toISOString(), from, headers, text, html });
    mails.splice(0, mails.length - KEPT);
    done();
  } catch (error) {
    done(error);
  }
}

function answer(path) {
  const [, id, form] = /^\/mails\/(\d+)(\/page|\/html)?$/.exec(path) ?? [];
  const mail = mails.find((mail) => mail.id === id);
  const brief = ({ id, to, subject, received_at }) => ({ id, to, subject, received_at });
  if (path === '/') return ['text/html', list(mails.toReversed())];
  if (path === '/mails') return ['application/json', JSON.stringify(mails.map(brief))];
  if (!mail) return undefined;
  if (form === '/page') return ['text/html', one(mail)];
  // Links open in a new tab; otherwise they would replace the frame's page.
  if (form === '/html') return ['text/html', `<base target="_blank">${mail.html ?? ''}`];
  return ['application/json', JSON.stringify(mail)];
}

function serve(request, response) {
  const headers = {
    'cache-control': 'no-store',
    'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; frame-src 'self'; form-action 'none'",
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
  };
  // Under another name, another site's page may be asking (DNS rebinding).
  const here = [`localhost:${port}`, `127.0.0.1:${port}`].includes(request.headers.host);
  const [type, text] = (here && request.method === 'GET' && answer(request.url)) || [];
  response.writeHead(text === undefined ? 404 : 200, { ...headers, 'content-type': `${type ?? 'text/plain'}; charset=utf-8` });
  response.end(text ?? 'There is nothing here.');
}

function fail(error) {
  console.error(`mail: ${error.message}`);
  process.exit(1);
}

const smtp = new SMTPServer({
  authOptional: true,
  disabledCommands: ['AUTH', 'STARTTLS'],
  disableReverseLookup: true,
  logger: false,
  onData: receive,
  size: 2 ** 20,
});
// If a client disconnects in the middle, the server continues; if a port is taken, it ends.
smtp.on('error', (error) => error.syscall === 'listen' && fail(error));
smtp.listen(smtpPort, '127.0.0.1', () => createServer(serve).on('error', fail).listen(port, '127.0.0.1'));
