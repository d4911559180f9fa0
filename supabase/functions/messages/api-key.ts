const bearer = /^Bearer +(?<key>tl_live_[0-9A-Za-z]{32}) *$/i;

/** SHA-256, in hex, of the key a request brings; null when it brings none of our form. */
export async function readApiKey(request: Request): Promise<string | null> {
  const key = bearer.exec(request.headers.get('authorization') ?? '')?.groups?.['key'];
  if (key === undefined) return null;
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(key));
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
