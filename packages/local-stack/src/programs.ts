import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { StackAddresses } from './addresses.ts';
import { inheritedEnvironment } from './config.ts';
import { demoSimulatorAccounts, demoProviderCredentials, demoSignIns } from './demo.ts';
import { denoArguments, denoProgram, type EdgeFunction } from './functions.ts';
import type { StackKeys } from './keys.ts';
import { repositoryRoot, type HomePaths } from './paths.ts';
import type { ChildOptions } from './supervisor/child.ts';
import { viteProgram, webFolder } from './web-build.ts';

/** What one of the stack's processes is and when it is ready. */
export type Program = Omit<ChildOptions, 'logPath'> & {
  port: number;
  /** Answers 2xx when ready; without it an open port will do. */
  readyUrl?: string;
  graceMs: number;
};

export type ProgramInput = {
  addresses: StackAddresses;
  keys: StackKeys;
  paths: HomePaths;
  functions: readonly EdgeFunction[];
  logLevel: string;
};

const sources = join(repositoryRoot, 'packages/local-stack/src');
const carrierEntry = join(repositoryRoot, 'packages/carrier-simulator/src/main.ts');
const workerEntry = join(repositoryRoot, 'worker/src/main.ts');

function node(name: string, port: number, entry: string, env: Record<string, string>): Program {
  return {
    name,
    port,
    command: process.execPath,
    args: ['--enable-source-maps', entry],
    cwd: repositoryRoot,
    env: { ...inheritedEnvironment(), ...env },
    graceMs: 5_000,
  };
}

function apiVariables({ keys, addresses }: ProgramInput): Record<string, string> {
  return {
    SUPABASE_URL: addresses.api,
    SUPABASE_PUBLISHABLE_KEY: keys.publishableKey,
    SUPABASE_SECRET_KEY: keys.secretKey,
  };
}

export function gatewayProgram(input: ProgramInput): Program {
  const { addresses, keys, paths, functions } = input;
  const routes = functions.map(({ name, verifyJwt }, index) => [
    name,
    { url: `http://127.0.0.1:${addresses.ports.functions + index}`, verifyJwt },
  ]);
  return node('gateway', addresses.ports.gateway, join(sources, 'gateway/main.ts'), {
    ...apiVariables(input),
    GATEWAY_PORT: String(addresses.ports.gateway),
    GATEWAY_PUBLIC_URL: addresses.api,
    GATEWAY_SITE_URL: addresses.web,
    GATEWAY_STORAGE_FOLDER: paths.storage,
    GATEWAY_REALTIME_URL: addresses.realtime,
    GATEWAY_FUNCTIONS: JSON.stringify(Object.fromEntries(routes)),
    SUPABASE_DB_URL: addresses.database,
    SUPABASE_JWT_SECRET: keys.jwtSecret,
  });
}

export function realtimeProgram(input: ProgramInput): Program {
  return node('realtime', input.addresses.ports.realtime, join(sources, 'realtime/main.ts'), {
    ...apiVariables(input),
    REALTIME_PORT: String(input.addresses.ports.realtime),
    REALTIME_HOST: '127.0.0.1',
    SUPABASE_DB_URL: input.addresses.database,
    SUPABASE_JWT_SECRET: input.keys.jwtSecret,
  });
}

export function functionPrograms(input: ProgramInput): Program[] {
  const { addresses, keys, paths } = input;
  return input.functions.map((edgeFunction, index) => {
    const port = addresses.ports.functions + index;
    const variables = {
      ...apiVariables(input),
      // On hosted the keys come as JSON by name.
      SUPABASE_PUBLISHABLE_KEYS: JSON.stringify({ default: keys.publishableKey }),
      SUPABASE_SECRET_KEYS: JSON.stringify({ default: keys.secretKey }),
      SUPABASE_DB_URL: addresses.database,
      PROVIDER_CREDENTIALS: demoProviderCredentials(keys, addresses.carrier),
      PUBLIC_WEBHOOK_BASE: addresses.functions,
    };
    return {
      name: `function-${edgeFunction.name}`,
      port,
      command: denoProgram(),
      args: denoArguments(edgeFunction, Object.keys(variables)),
      cwd: repositoryRoot,
      env: {
        ...inheritedEnvironment(),
        ...variables,
        DENO_DIR: join(paths.cache, 'deno'),
        DENO_SERVE_ADDRESS: `tcp:127.0.0.1:${port}`,
        DENO_NO_UPDATE_CHECK: '1',
        NO_COLOR: '1',
      },
      graceMs: 3_000,
    };
  });
}

export function carrierProgram({ addresses, keys }: ProgramInput): Program | undefined {
  if (!existsSync(carrierEntry)) return undefined;
  return node('carrier', addresses.ports.carrier, carrierEntry, {
    CARRIER_PORT: String(addresses.ports.carrier),
    CARRIER_HOST: '127.0.0.1',
    CARRIER_ACCOUNTS: demoSimulatorAccounts(keys, addresses.functions),
  });
}

export function workerProgram(input: ProgramInput): Program | undefined {
  if (!existsSync(workerEntry)) return undefined;
  const { addresses, keys } = input;
  return {
    ...node('worker', addresses.ports.worker, workerEntry, {
      ...apiVariables(input),
      WORKER_DATABASE_URL: addresses.workerDatabase,
      WORKER_HTTP_HOST: '127.0.0.1',
      WORKER_HTTP_PORT: String(addresses.ports.worker),
      PROVIDER_CREDENTIALS: demoProviderCredentials(keys, addresses.carrier),
      PUBLIC_WEBHOOK_BASE: addresses.functions,
      LOG_LEVEL: input.logLevel,
    }),
    readyUrl: `${addresses.worker}/readyz`,
    // Sends on the wire are finished first.
    graceMs: 12_000,
  };
}

/** @param build the folder of the finished production build; without it Vite serves the sources */
export function webProgram(input: ProgramInput, build: string | undefined): Program {
  const { addresses, keys } = input;
  const env = {
    HOST: '127.0.0.1',
    PORT: String(addresses.ports.web),
    ORIGIN: addresses.web,
    PUBLIC_SUPABASE_URL: addresses.api,
    PUBLIC_SUPABASE_PUBLISHABLE_KEY: keys.publishableKey,
    PUBLIC_DEMO_ACCOUNTS: JSON.stringify(demoSignIns()),
  };
  if (build !== undefined) {
    const program = node('web', addresses.ports.web, join(build, 'index.js'), {
      ...env,
      NODE_ENV: 'production',
    });
    return { ...program, cwd: build };
  }
  const program = node('web', addresses.ports.web, viteProgram(), env);
  const args = ['dev', '--host', '127.0.0.1', '--port', String(addresses.ports.web), '--strictPort'];
  return { ...program, args: [...program.args, ...args], cwd: webFolder };
}
