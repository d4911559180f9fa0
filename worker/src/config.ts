import { CredentialProblem, parseProviderCredentials } from '@threadline/providers';
import type { ProviderAccount } from '@threadline/providers';
import { z } from 'zod';

const wholeNumber = (least: number, most: number) => z.coerce.number().int().min(least).max(most);
const webAddress = z.url({ protocol: /^https?$/ }).transform((url) => url.replace(/\/+$/, ''));

const accounts = z.string().transform((text, context): ReadonlyMap<string, ProviderAccount> => {
  try {
    return parseProviderCredentials(text);
  } catch (problem) {
    if (!(problem instanceof CredentialProblem)) throw problem;
    context.addIssue({ code: 'custom', message: problem.message });
    return z.NEVER;
  }
});

const environment = z.object({
  WORKER_DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/ }),
  SUPABASE_URL: webAddress,
  SUPABASE_SECRET_KEY: z.string().min(1),
  PUBLIC_WEBHOOK_BASE: webAddress,
  PROVIDER_CREDENTIALS: accounts,
  WORKER_HTTP_HOST: z.string().min(1).default('127.0.0.1'),
  WORKER_HTTP_PORT: wholeNumber(0, 65_535).default(4305),
  // What a carrier tolerates is a number of requests at once; ten is safe with all of them.
  WORKER_CONCURRENCY: wholeNumber(1, 1_000).default(200),
  WORKER_BATCH_SIZE: wholeNumber(1, 1_000).default(200),
  WORKER_POLL_INTERVAL_MS: wholeNumber(100, 60_000).default(5_000),
  WORKER_DATABASE_TIMEOUT_MS: wholeNumber(1_000, 600_000).default(30_000),
  // With what follows it stays below the 20 seconds after which a deploy may kill.
  WORKER_DRAIN_SECONDS: wholeNumber(0, 300).default(15),
  LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
});

/** What each variable is for, said when it is missing or wrong. */
const explanations: Readonly<Record<keyof z.infer<typeof environment>, string>> = {
  WORKER_DATABASE_URL:
    'postgres://… of the role threadline_worker; a direct or session-mode connection, because LISTEN needs one',
  SUPABASE_URL: 'http(s) address of the API gateway',
  SUPABASE_SECRET_KEY: 'secret key of the project (sb_secret_…)',
  PUBLIC_WEBHOOK_BASE: 'public http(s) address of the functions, as carriers call them',
  PROVIDER_CREDENTIALS: 'JSON object: credentials_ref → {"provider": …, and that provider’s settings}',
  WORKER_HTTP_HOST: 'address to serve /healthz, /readyz and /metrics on',
  WORKER_HTTP_PORT: 'port to serve them on, 0 for any',
  WORKER_CONCURRENCY: 'sends in flight at once, 1 to 1000',
  WORKER_BATCH_SIZE: 'most jobs claimed, and outcomes written, at once, 1 to 1000',
  WORKER_POLL_INTERVAL_MS: 'milliseconds between looks when nobody notifies, 100 to 60000',
  WORKER_DATABASE_TIMEOUT_MS:
    'milliseconds the database may take to answer before it is connected to anew, 1000 to 600000',
  WORKER_DRAIN_SECONDS: 'seconds carrier calls may take to finish once asked to stop, 0 to 300',
  LOG_LEVEL: 'fatal, error, warn, info, debug, trace or silent',
};

export interface WorkerConfig {
  readonly databaseUrl: string;
  readonly supabaseUrl: string;
  readonly secretKey: string;
  readonly publicWebhookBase: string;
  /** By `provider_accounts.credentials_ref`. */
  readonly accounts: ReadonlyMap<string, ProviderAccount>;
  readonly httpHost: string;
  readonly httpPort: number;
  readonly concurrency: number;
  readonly batchSize: number;
  readonly pollIntervalMs: number;
  readonly databaseTimeoutMs: number;
  readonly drainMs: number;
  readonly logLevel: z.infer<typeof environment>['LOG_LEVEL'];
}

/** The environment is incomplete or wrong. The message explains every variable at fault and quotes no value. */
export class ConfigProblem extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'ConfigProblem';
  }
}

/** Parses the environment, once. An empty variable counts as absent. @throws ConfigProblem */
export function parseConfig(variables: Readonly<Record<string, string | undefined>>): WorkerConfig {
  const present = Object.fromEntries(
    Object.entries(variables).filter(([, value]) => value !== undefined && value !== ''),
  );
  const parsed = environment.safeParse(present);
  if (!parsed.success) throw new ConfigProblem(explain(parsed.error.issues, present));
  const values = parsed.data;
  return {
    databaseUrl: values.WORKER_DATABASE_URL,
    supabaseUrl: values.SUPABASE_URL,
    secretKey: values.SUPABASE_SECRET_KEY,
    publicWebhookBase: values.PUBLIC_WEBHOOK_BASE,
    accounts: values.PROVIDER_CREDENTIALS,
    httpHost: values.WORKER_HTTP_HOST,
    httpPort: values.WORKER_HTTP_PORT,
    concurrency: values.WORKER_CONCURRENCY,
    batchSize: values.WORKER_BATCH_SIZE,
    pollIntervalMs: values.WORKER_POLL_INTERVAL_MS,
    databaseTimeoutMs: values.WORKER_DATABASE_TIMEOUT_MS,
    drainMs: values.WORKER_DRAIN_SECONDS * 1000,
    logLevel: values.LOG_LEVEL,
  };
}

export function readConfig(): WorkerConfig {
  return parseConfig(process.env);
}

function explain(issues: readonly z.core.$ZodIssue[], present: Readonly<Record<string, unknown>>): string {
  const lines = issues.map((issue) => {
    const name = String(issue.path[0]);
    const meaning = Object.entries(explanations).find(([variable]) => variable === name)?.[1] ?? '';
    if (!(name in present)) return `${name} is not set. It is: ${meaning}.`;
    const problem = issue.code === 'custom' ? ` (${issue.message})` : '';
    return `${name} is wrong${problem}. It must be: ${meaning}.`;
  });
  return ['The worker cannot start:', ...lines.map((line) => `  ${line}`)].join('\n');
}
