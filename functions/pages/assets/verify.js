import { asks } from './form.js';
import { byId, client, show } from './page.js';
import { fails, token } from './token.js';

const auth = client();

/** @param {{ password?: string }} more */
const verify = async (more) => {
  await auth.verify({ token: token ?? '', ...more });
  show('done');
};

asks(byId('form'), async ({ password }) => {
  try {
    await verify({ password });
  } catch (error) {
    // A fault of the password stands at its field; a link that has meanwhile expired has no field.
    if (/** @type {any} */ (error).errors?.length) throw error;
    await fails(error);
  }
});

try {
  if (token) await verify({});
  else show('cut');
} catch (error) {
  if (/** @type {any} */ (error).status === 422) show('choose');
  else await fails(error);
}
