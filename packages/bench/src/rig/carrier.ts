import { z } from 'zod';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { ChildHost } from '@threadline/local-stack/child-host';
import { freePort } from './free-port.ts';
import { waitUntil } from './wait-until.ts';

const entry = join(
  dirname(createRequire(import.meta.url).resolve('@threadline/carrier-simulator')),
  'main.ts',
);

export const carrierMessage = z.object({
  sequence: z.number(),
  sid: z.string(),
  from: z.string().nullable(),
  to: z.string(),
  body: z.string(),
  status: z.string(),
  errorCode: z.number().nullable(),
  statusCallback: z.string().nullable(),
  submittedAtMs: z.number(),
  answeredAtMs: z.number().nullable(),
  callbacks: z.array(
    z.object({
      status: z.string(),
      atMs: z.number(),
      attempt: z.number(),
      httpStatus: z.number().nullable(),
      error: z.string().nullable(),
      duplicate: z.boolean(),
      dropped: z.boolean(),
    }),
  ),
});
const messagePage = z.object({ messages: z.array(carrierMessage), lastSequence: z.number() });
const status = z.object({ held: z.number(), lastSequence: z.number(), callbackBacklog: z.number() });

export type CarrierMessage = z.infer<typeof carrierMessage>;

/** The levers of a running carrier simulator. */
export class CarrierControl {
  readonly url: string;

  constructor(url: string) {
    this.url = url;
  }

  /** What it took from us, in the order of arrival, from after a sequence number on. */
  async messages(afterSequence = 0, limit = 1_000_000): Promise<CarrierMessage[]> {
    const page = await this.#get(`messages?afterSequence=${afterSequence}&limit=${limit}`);
    return messagePage.parse(page).messages;
  }

  async status(): Promise<z.infer<typeof status>> {
    return status.parse(await this.#get('status'));
  }

  async setFaults(faults: Readonly<Record<string, unknown>>): Promise<void> {
    await this.#send('PUT', 'faults', faults);
  }

  /** A customer texts us; resolves when our webhook has answered. */
  async textUs(text: { from: string; to: string; body: string }): Promise<void> {
    await this.#send('POST', 'inbound', text);
  }

  async reset(): Promise<void> {
    await this.#send('POST', 'reset', {});
  }

  async #get(path: string): Promise<unknown> {
    const response = await fetch(`${this.url}/control/${path}`);
    if (!response.ok) throw new Error(`the carrier answered ${path} with ${response.status}`);
    return response.json();
  }

  async #send(method: string, path: string, body: unknown): Promise<void> {
    const response = await fetch(`${this.url}/control/${path}`, {
      method,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    if (!response.ok) throw new Error(`the carrier refused ${path}: ${await response.text()}`);
    await response.arrayBuffer();
  }
}

export type CarrierAccount = {
  accountSid: string;
  authToken: string;
  numbers: readonly { phoneNumber: string; label: string }[];
};

/** A carrier of the bench's own, in a process of its own. It calls nobody back unless a message asks it to. */
export async function startCarrier(
  host: ChildHost,
  accounts: readonly CarrierAccount[],
): Promise<{ control: CarrierControl; pid: number }> {
  const port = await freePort();
  const child = await host.spawn({
    name: 'bench-carrier',
    command: process.execPath,
    args: [entry],
    cwd: dirname(entry),
    env: {
      CARRIER_PORT: String(port),
      CARRIER_HOST: '127.0.0.1',
      CARRIER_ACCOUNTS: JSON.stringify(accounts),
      CARRIER_MAX_MESSAGES: '250000',
    },
  });
  const control = new CarrierControl(`http://127.0.0.1:${port}`);
  const answers = async (): Promise<true | null> => {
    if (!child.running()) throw new Error(['the carrier ended:', ...(await child.lastLines(10))].join('\n'));
    return fetch(`${control.url}/healthz`).then(
      (response) => (response.ok ? true : null),
      () => null,
    );
  };
  await waitUntil(answers, { timeoutMs: 20_000, everyMs: 30, what: 'the carrier' });
  return { control, pid: child.pid };
}
