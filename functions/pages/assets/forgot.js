import { asks } from './form.js';
import { byId, client, fill, show } from './page.js';

const auth = client();

asks(byId('form'), async ({ email }) => {
  await auth.forgot(email);
  fill({ email });
  show('sent');
});

byId('again').addEventListener('click', () => show('form'));
