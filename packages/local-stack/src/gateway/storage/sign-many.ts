import { z } from 'zod';

const requestSchema = z.object({ expiresIn: z.number(), paths: z.array(z.string()) });
const signedSchema = z.object({ signedUrl: z.string() });

/**
 * Signs many objects at once, by one request each: lite takes the batch's own route for a single object's.
 * @param ask sends a request to lite
 */
export async function signMany(
  request: Request,
  ask: (request: Request) => Promise<Response>,
): Promise<Response> {
  const parsed = requestSchema.safeParse(await request.json());
  if (!parsed.success) {
    return Response.json(
      { statusCode: '400', error: 'Error', message: 'body must have paths and expiresIn' },
      { status: 400 },
    );
  }
  const { expiresIn, paths } = parsed.data;
  const headers = new Headers(request.headers);
  headers.delete('content-length');
  const signed = await Promise.all(
    paths.map(async (path) => {
      const url = `${request.url.replace(/\/+$/, '')}/${path.split('/').map(encodeURIComponent).join('/')}`;
      const answer = await ask(
        new Request(url, { method: 'POST', headers, body: JSON.stringify({ expiresIn }) }),
      );
      const body = signedSchema.safeParse(await answer.json()).data;
      if (!answer.ok || !body) {
        const error = 'Either the object does not exist or you do not have access to it';
        return { error, path, signedURL: null };
      }
      return { error: null, path, signedURL: body.signedUrl.replace(/^\/storage\/v1/, '') };
    }),
  );
  return Response.json(signed);
}
