import { AuthError, createAuth } from '@serverless-login/web';
import { texts } from '@serverless-login/web/texts';

export const auth = createAuth({ url: import.meta.env.VITE_AUTH_URL ?? '/auth' });

/** What to tell the person of a failed call. */
export async function tell(error: unknown): Promise<string> {
  if (!(error instanceof AuthError)) throw error;
  const { title, detail } = (await texts('en')).problem(error);
  return `${title}. ${detail}`;
}
