import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';

/** The system account the database runs as; undefined means whoever started us. */
export type SystemAccount = { name: string; uid: number; gid: number };

/**
 * Postgres refuses to run as root. As root we step down to `postgres` where that account exists, else to
 * `nobody`; a normal user simply runs it as themselves.
 */
export async function chooseAccount(): Promise<SystemAccount | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const accounts = parseAccounts(await readFile('/etc/passwd', 'utf8').catch(() => ''));
  return (
    accounts.find(({ name }) => name === 'postgres') ??
    accounts.find(({ name }) => name === 'nobody') ?? { name: 'nobody', uid: 65_534, gid: 65_534 }
  );
}

export function parseAccounts(passwd: string): SystemAccount[] {
  return passwd.split('\n').flatMap((line) => {
    const [name, , uid, gid] = line.split(':');
    return name && uid && gid ? [{ name, uid: Number(uid), gid: Number(gid) }] : [];
  });
}

/** Options that make `spawn` and `execFile` run as the account. */
export function asAccount(account: SystemAccount | undefined): { uid?: number; gid?: number } {
  return account ? { uid: account.uid, gid: account.gid } : {};
}

/** Whether the account can start the program at `path` (every folder above it must let it through). */
export function canExecute(path: string, account: SystemAccount | undefined): Promise<boolean> {
  return new Promise((settle) => {
    execFile(path, ['--version'], { ...asAccount(account), cwd: '/' }, (error) => settle(error === null));
  });
}

/** Whether the account can enter the folder and write there. */
export function canWrite(folder: string, account: SystemAccount | undefined): Promise<boolean> {
  return new Promise((settle) => {
    execFile(
      '/bin/sh',
      ['-c', 'cd "$0" && test -w .', folder],
      { ...asAccount(account), cwd: '/' },
      (error) => settle(error === null),
    );
  });
}
