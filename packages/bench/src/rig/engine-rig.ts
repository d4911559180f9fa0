import { usageOfFamily } from '../report/process-usage.ts';
import { startCarrier, type CarrierControl } from './carrier.ts';
import type { Sender } from './drain.ts';
import { startRig, type Rig, type RigOptions } from './rig.ts';
import { startWorker, type RunningWorker } from './worker.ts';
import { addTenant, providerCredentials, type Tenant, type TenantOptions } from './world.ts';

export type EngineRigOptions = RigOptions & {
  tenants: readonly Omit<TenantOptions, 'place'>[];
  /** How long the carrier takes to answer. */
  latencyMs: number;
};

/** A database, a carrier that answers in its own time and calls nobody back, and tenants to send for. */
export type EngineRig = {
  rig: Rig;
  carrier: { control: CarrierControl; pid: number };
  tenants: readonly [Tenant, ...Tenant[]];
  credentials: string;
  /** Forgets what the carrier took, and sets its latency again. */
  resetCarrier(): Promise<void>;
  startWorker(name: string, settings: WorkerSettings): Promise<RunningWorker>;
  postgresPid(): number;
  stop(): Promise<void>;
};

export type WorkerSettings = { inFlight: number; batchSize?: number };

async function startEngineRig(options: EngineRigOptions): Promise<EngineRig> {
  const rig = await startRig(options);
  try {
    const tenants = [];
    for (const [place, tenant] of options.tenants.entries())
      tenants.push(await addTenant(rig.sql, { ...tenant, place }));
    const [first, ...others] = tenants;
    if (first === undefined) throw new Error('an engine without a tenant sends nothing');
    const carrier = await startCarrier(
      rig.host,
      tenants.map(({ account }) => account),
    );
    return assemble(rig, carrier, [first, ...others], options.latencyMs);
  } catch (error) {
    await rig.stop();
    throw error;
  }
}

/** An engine for as long as the work with it lasts, and nothing left of it after. */
export async function withEngine<T>(
  options: EngineRigOptions,
  work: (engine: EngineRig) => Promise<T>,
): Promise<T> {
  const engine = await startEngineRig(options);
  try {
    return await work(engine);
  } finally {
    await engine.stop();
  }
}

function assemble(
  rig: Rig,
  carrier: { control: CarrierControl; pid: number },
  tenants: readonly [Tenant, ...Tenant[]],
  latencyMs: number,
): EngineRig {
  const credentials = providerCredentials(tenants, carrier.control.url);
  const { stack } = rig;
  return {
    rig,
    carrier,
    tenants,
    credentials,
    async resetCarrier() {
      await carrier.control.reset();
      await carrier.control.setFaults({ latencyMs, callbackDropRate: 1 });
    },
    startWorker: (name, { inFlight, batchSize = 100 }) =>
      startWorker(rig.host, name, {
        WORKER_DATABASE_URL: stack.workerDatabaseUrl,
        SUPABASE_URL: stack.apiUrl,
        SUPABASE_SECRET_KEY: stack.secretKey,
        PUBLIC_WEBHOOK_BASE: stack.functionsUrl,
        PROVIDER_CREDENTIALS: credentials,
        WORKER_CONCURRENCY: String(inFlight),
        WORKER_BATCH_SIZE: String(batchSize),
      }),
    postgresPid: () => rig.parts.get('postgres')?.child().pid ?? 0,
    stop: () => rig.stop(),
  };
}

/** Ends the worker the hard way: what it had in hand is of no interest any more. */
export function asSender(workers: readonly RunningWorker[]): Sender {
  const [first] = workers;
  return {
    pid: first?.child.pid ?? 0,
    async stop() {
      await Promise.all(workers.map(({ child }) => child.stop(0)));
    },
  };
}

/** Resident memory of the database, in bytes. */
export async function databaseMemory(engine: EngineRig): Promise<number | null> {
  return (await usageOfFamily(engine.postgresPid()))?.residentBytes ?? null;
}
