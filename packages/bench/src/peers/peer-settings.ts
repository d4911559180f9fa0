import { z } from 'zod';

/** What a peer's process is told, as JSON in its first argument. */
export const peerSettings = z.object({
  databaseUrl: z.string(),
  providerCredentials: z.string(),
  /** Carrier calls at once. */
  inFlight: z.number().int().positive(),
  /** How the application around it writes: what came together in one statement, or a statement for each job. */
  writes: z.enum(['batch', 'job']),
});

export type PeerSettings = z.infer<typeof peerSettings>;

export function readPeerSettings(): PeerSettings {
  return peerSettings.parse(JSON.parse(process.argv[2] ?? '{}'));
}

export const pgBossQueue = 'bench_sends';
export const graphileTask = 'bench_send';
