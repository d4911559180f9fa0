import type { Sql } from 'postgres';
import { asDatabaseError } from '../database-error.ts';
import type { Caller } from '../rpc/caller.ts';
import type { Upload } from './upload-state.ts';

const rollBack = new Error('the row is written for its policies only');

/**
 * Asks the policies of storage.objects whether somebody may write an object, in a transaction that is rolled back.
 * @returns the refusal, undefined where there is none
 */
export async function refusalOfUpload(
  sql: Sql,
  caller: Caller,
  upload: Upload,
): Promise<Response | undefined> {
  const [bucket] = await sql`select from storage.buckets where id = ${upload.bucket}`;
  if (!bucket) return refusal(404, 'Bucket not found');
  const owner = caller.claims.sub ?? null;
  try {
    await sql.begin(async (transaction) => {
      await transaction`
        select set_config('role', ${caller.role}, true),
          set_config('request.jwt.claim.sub', ${owner ?? ''}, true),
          set_config('request.jwt.claim.role', ${caller.role}, true),
          set_config('request.jwt.claims', ${JSON.stringify(caller.claims)}, true),
          set_config('storage.operation', 'storage.tus.upload.create', true)`;
      const overwrites = upload.isUpsert
        ? transaction`on conflict (bucket_id, name) do update set updated_at = now()`
        : transaction``;
      await transaction`
        insert into storage.objects (bucket_id, name, owner_id) values (${upload.bucket}, ${upload.name}, ${owner})
        ${overwrites}`;
      throw rollBack;
    });
  } catch (error) {
    if (error === rollBack) return undefined;
    const code = asDatabaseError(error)?.code;
    if (code === '42501') return refusal(403, 'new row violates row-level security policy');
    if (code === '23505') return refusal(409, 'The resource already exists');
    throw error;
  }
  return undefined;
}

function refusal(status: number, message: string): Response {
  const body = { statusCode: String(status), error: message, message };
  return Response.json(body, { status: status === 409 ? 409 : 400 });
}
