import { asks } from './form.js';
import { byId, client, fill, leave, returnTo, show } from './page.js';

const auth = client();

asks(byId('form'), async ({ email, password }) => {
  await auth.login({ email, password });
  leave(returnTo);
});

byId('other').addEventListener('click', async () => {
  await auth.logout();
  show('form');
});

const { state, user } = await auth.ready;
// Who came because something failed, wants to read what.
if (state === 'in' && !byId('trouble')) {
  fill({ who: user?.name ?? user?.email ?? '' });
  show('signed-in');
}
