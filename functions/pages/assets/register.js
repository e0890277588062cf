import { asks } from './form.js';
import { byId, client, fill, show } from './page.js';

const auth = client();

asks(byId('form'), async ({ email, password, name }) => {
  await auth.register({ email, password, ...(name && { name }) });
  fill({ email });
  show('sent');
});

byId('again').addEventListener('click', () => show('form'));
