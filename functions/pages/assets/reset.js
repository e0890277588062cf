import { asks } from './form.js';
import { byId, client, show } from './page.js';
import { fails, token } from './token.js';

const auth = client();

asks(byId('form'), async ({ new_password: password }) => {
  try {
    await auth.reset({ token: token ?? '', password });
    show('done');
  } catch (error) {
    if (/** @type {any} */ (error).slug !== 'link-expired') throw error;
    await fails(error);
  }
});

if (!token) show('cut');
