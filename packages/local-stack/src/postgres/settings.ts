import { statfs } from 'node:fs/promises';

export type SettingsInput = {
  port: number;
  majorVersion: number;
  /** Folder with unpacked extensions; needs Postgres 18. */
  extensionShare?: string;
  /** Off only for stacks that are thrown away. */
  durable: boolean;
};

/** Server settings for a small machine, as `name=value`. */
export async function serverSettings(input: SettingsInput): Promise<string[]> {
  const settings: Record<string, string> = {
    listen_addresses: '127.0.0.1',
    port: String(input.port),
    unix_socket_directories: '',
    wal_level: 'logical',
    max_connections: '150',
    max_wal_senders: '10',
    max_replication_slots: '10',
    shared_buffers: '128MB',
    min_wal_size: '96MB',
    max_wal_size: '512MB',
    checkpoint_timeout: '15min',
    // Parallel query needs /dev/shm, which containers keep small, and two cores gain nothing from it.
    max_parallel_workers_per_gather: '0',
    jit: 'off',
    timezone: 'UTC',
    log_timezone: 'UTC',
    log_min_messages: 'warning',
    dynamic_shared_memory_type: (await hasSharedMemory()) ? 'posix' : 'mmap',
  };
  if (!input.durable)
    // Commits stay synchronous: logical replication, and so every broadcast, waits for the flush (200 ms otherwise).
    Object.assign(settings, { fsync: 'off', full_page_writes: 'off' });
  if (input.majorVersion >= 18) {
    settings['io_method'] = 'sync';
    if (input.extensionShare) settings['extension_control_path'] = `${input.extensionShare}:$system`;
  }
  return Object.entries(settings).map(([name, value]) => `${name}=${value}`);
}

/** posix shared memory lives in /dev/shm on Linux; elsewhere the question does not arise. */
async function hasSharedMemory(): Promise<boolean> {
  if (process.platform !== 'linux') return true;
  const space = await statfs('/dev/shm').catch(() => undefined);
  return space !== undefined && space.bavail * space.bsize > 32 * 1024 * 1024;
}
