import { createHmac } from 'node:crypto';

/**
 * `X-Twilio-Signature` of a form post (Twilio security guide): HMAC-SHA1 over the exact URL, then every parameter's
 * name and value in order of name; the values of a repeated parameter sorted and taken once.
 * @param url as requested, query included, fragment left out
 * @returns base64
 */
export function signWebhook(
  authToken: string,
  url: string,
  parameters: ReadonlyMap<string, string | string[]>,
): string {
  let signed = url;
  for (const name of [...parameters.keys()].sort()) {
    const value = parameters.get(name) ?? '';
    const values = Array.isArray(value) ? [...new Set(value)].sort() : [value];
    for (const each of values) signed += name + each;
  }
  return createHmac('sha1', authToken).update(signed, 'utf8').digest('base64');
}
