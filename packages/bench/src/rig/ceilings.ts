import { performance } from 'node:perf_hooks';
import type { Sql } from 'postgres';
import { createCarrierCall } from '../peers/carrier-call.ts';
import type { Tenant } from './world.ts';
import { rounded } from '../report/statistics.ts';

const connections = 8;

/** Single-row inserts a second, each committed and flushed, from eight connections. */
export async function measureCommitRate(sql: Sql, milliseconds = 2_000): Promise<number> {
  await sql`create schema if not exists bench`;
  await sql`create table if not exists bench.commits (id bigint generated always as identity primary key, note text)`;
  const until = performance.now() + milliseconds;
  const begin = performance.now();
  const producers = Array.from({ length: connections }, async () => {
    const connection = await sql.reserve();
    let count = 0;
    for (; performance.now() < until; count += 1)
      await connection`insert into bench.commits (note) values ('x')`;
    connection.release();
    return count;
  });
  const counts = await Promise.all(producers);
  const seconds = (performance.now() - begin) / 1000;
  await sql`truncate bench.commits`;
  return rounded(counts.reduce((sum, count) => sum + count, 0) / seconds, 0);
}

/** Creates a second that the adapter gets through the simulated carrier when nothing else is to be done. */
export async function measureHttpRate(
  tenant: Tenant,
  providerCredentials: string,
  inFlight: number,
  milliseconds = 3_000,
): Promise<number> {
  const call = createCarrierCall(providerCredentials, inFlight);
  const until = performance.now() + milliseconds;
  const begin = performance.now();
  const callers = Array.from({ length: inFlight }, async (_, caller) => {
    let count = 0;
    for (; performance.now() < until; count += 1) {
      const thread = tenant.threads[(caller + count * inFlight) % tenant.threads.length];
      const outcome = await call({
        attempt_id: '00000000-0000-7000-8000-000000000000',
        sender: thread?.sender ?? '',
        recipient: thread?.recipient ?? '',
        body: `ceiling ${caller} ${count}`,
        credentials_ref: tenant.credentialsRef,
      });
      if (outcome.state !== 'accepted') throw new Error('the carrier did not accept a create');
    }
    return count;
  });
  const counts = await Promise.all(callers);
  return rounded(counts.reduce((sum, count) => sum + count, 0) / ((performance.now() - begin) / 1000), 0);
}
