import { join } from 'node:path';
import { makeWorkerUtils } from 'graphile-worker';
import { PgBoss } from 'pg-boss';
import type { ChildHost } from '@threadline/local-stack/child-host';
import type { Sender } from '../rig/drain.ts';
import { graphileTask, pgBossQueue, type PeerSettings } from './peer-settings.ts';

/** How a peer gets its jobs and its process. */
export type Peer = {
  name: string;
  /** Empties the peer's queue and fills it with these jobs. */
  fill(jobIds: readonly string[]): Promise<void>;
  start(host: ChildHost, settings: Omit<PeerSettings, 'writes'>): Promise<Sender>;
};

const chunk = 5_000;

export function createPgBoss(databaseUrl: string, writes: PeerSettings['writes']): Peer {
  return {
    name: writes === 'job' ? 'pg-boss' : 'pg-boss, batch writes',
    async fill(jobIds) {
      const boss = new PgBoss({ connectionString: databaseUrl, max: 2 });
      boss.on('error', () => {});
      await boss.start();
      await boss.createQueue(pgBossQueue);
      await boss.deleteAllJobs(pgBossQueue);
      for (const ids of chunks(jobIds))
        await boss.insert(
          pgBossQueue,
          ids.map((jobId) => ({ data: { jobId } })),
        );
      await boss.stop({ graceful: false });
    },
    start: (host, settings) => startPeer(host, 'pg-boss-main.ts', { ...settings, writes }),
  };
}

export function createGraphile(databaseUrl: string): Peer {
  return {
    name: 'graphile-worker',
    async fill(jobIds) {
      const utils = await makeWorkerUtils({ connectionString: databaseUrl });
      await utils.migrate();
      await utils.withPgClient((client) => client.query('delete from graphile_worker._private_jobs'));
      for (const ids of chunks(jobIds)) {
        await utils.addJobs(ids.map((jobId) => ({ identifier: graphileTask, payload: { jobId } })));
      }
      await utils.release();
    },
    start: (host, settings) => startPeer(host, 'graphile-main.ts', { ...settings, writes: 'job' }),
  };
}

async function startPeer(host: ChildHost, entry: string, settings: PeerSettings): Promise<Sender> {
  const child = await host.spawn({
    name: entry.replace('-main.ts', ''),
    command: process.execPath,
    args: [join(import.meta.dirname, entry), JSON.stringify(settings)],
    cwd: '/',
    env: {},
  });
  return { pid: child.pid, stop: () => child.stop(3_000) };
}

function chunks(ids: readonly string[]): string[][] {
  return Array.from({ length: Math.ceil(ids.length / chunk) }, (_, index) =>
    ids.slice(index * chunk, (index + 1) * chunk),
  );
}
