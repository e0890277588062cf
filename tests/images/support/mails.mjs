// The mail catcher of the local API, by itself.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { ROOT } from './programs.mjs';

const [PAGE, SMTP] = [8025, 1025];

export class Mails {
  page = `http://localhost:${PAGE}`;
  smtp = `smtp://127.0.0.1:${SMTP}`;
  #child = spawn(process.execPath, [join(ROOT, 'infra/local/mail/mail.mjs'), PAGE, SMTP], { stdio: 'inherit' });

  static async start() {
    const mails = new Mails();
    for (let tries = 0; mails.#child.exitCode === null && tries < 300; tries += 1) {
      if (await fetch(mails.page).catch(() => false)) return mails;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    throw new Error('the mail catcher does not start');
  }

  async stop() {
    this.#child.kill();
    if (this.#child.exitCode === null) await once(this.#child, 'exit');
  }
}
