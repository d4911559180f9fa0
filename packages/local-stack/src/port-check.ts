import { readdir, readFile, readlink } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { StackError } from './stack-error.ts';

/** Throws a StackError naming the port, and where the system tells, the program that holds it. */
export async function assertPortFree(port: number, purpose: string): Promise<void> {
  if (await canListen(port)) return;
  const holder = await findListener(port);
  const by = holder ? ` by ${holder.name} (process ${holder.pid})` : '';
  throw new StackError(`Port ${port} is needed for ${purpose} but is already taken${by}.`, [
    'Stop that program, or move every port of this stack: THREADLINE_PORT_BASE=4500 npm start',
  ]);
}

/** Whether a listener answers on the loopback port. */
export function isListening(port: number): Promise<boolean> {
  return new Promise((settle) => {
    const socket = connect({ port, host: '127.0.0.1' });
    socket.once('connect', () => {
      socket.destroy();
      settle(true);
    });
    socket.once('error', () => settle(false));
  });
}

function canListen(port: number): Promise<boolean> {
  return new Promise((settle) => {
    const server = createServer();
    server.once('error', () => settle(false));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => settle(true)));
  });
}

/**
 * Finds the process that listens on a TCP port through /proc (Linux only; elsewhere, or without permission,
 * the answer is undefined).
 */
export async function findListener(port: number): Promise<{ pid: number; name: string } | undefined> {
  const inodes = await listeningInodes(port);
  if (inodes.size === 0) return undefined;
  const processes = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  for (const pid of processes) {
    const descriptors = await readdir(`/proc/${pid}/fd`).catch(() => []);
    for (const descriptor of descriptors) {
      const target = await readlink(`/proc/${pid}/fd/${descriptor}`).catch(() => '');
      const inode = /^socket:\[(\d+)\]$/.exec(target)?.[1];
      if (inode && inodes.has(inode)) return { pid: Number(pid), name: await commandName(pid) };
    }
  }
  return undefined;
}

/** Columns of /proc/net/tcp are described in proc(5): local address is hex `ip:port`, state 0A is LISTEN. */
async function listeningInodes(port: number): Promise<Set<string>> {
  const tables = await Promise.all(
    ['/proc/net/tcp', '/proc/net/tcp6'].map((path) => readFile(path, 'utf8').catch(() => '')),
  );
  const suffix = ':' + port.toString(16).toUpperCase().padStart(4, '0');
  const inodes = new Set<string>();
  for (const line of tables.join('\n').split('\n')) {
    const columns = line.trim().split(/\s+/);
    if (columns[1]?.endsWith(suffix) && columns[3] === '0A' && columns[9]) inodes.add(columns[9]);
  }
  return inodes;
}

async function commandName(pid: string): Promise<string> {
  const commandLine = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
  return commandLine.split('\0').slice(0, 3).join(' ').trim().slice(0, 80) || 'another program';
}
