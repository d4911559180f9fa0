import type { AddressInfo } from 'node:net';
import { Hono } from 'hono';
import { z } from 'zod';
import { controlApi } from './control-api.ts';
import { accountSchema, type AccountOptions } from './core/account.ts';
import { CarrierCore, type CoreOptions } from './core/carrier-core.ts';
import { handsetPages } from './handset/handset-pages.ts';
import { mediaStoragePath } from './media-storage.ts';
import { createCarrierServer } from './server.ts';
import { TelnyxApi } from './telnyx/telnyx-api.ts';
import { statusEvent } from './telnyx/webhook-events.ts';
import { TwilioApi } from './twilio/twilio-api.ts';
import { statusCallback } from './twilio/webhook-forms.ts';

export interface CarrierOptions extends Omit<CoreOptions, 'accounts' | 'writeCallback'> {
  accounts: readonly AccountOptions[];
  /** Base address clients reach the carrier at, for media links. Taken from the listening socket when left out. */
  publicUrl?: string;
  /** Requests of one account in flight above which the API answers 429 (20429, 10011). No limit when left out. */
  maxConcurrentRequests?: number;
  /** How far ahead a message may be scheduled, in milliseconds. Twilio: over 300 s, at most 35 days; Telnyx: 5 days. */
  scheduleWindow?: { leastMs: number; mostMs: number };
}

export interface Carrier {
  readonly core: CarrierCore;
  /** Base address once listening. */
  readonly url: string;
  /** Resolves with the base address. Port 0 takes a free one. */
  listen(port?: number, host?: string): Promise<string>;
  close(): Promise<void>;
}

const twilioScheduleWindow = { leastMs: 300_000, mostMs: 35 * 86_400_000 };
const telnyxScheduleWindow = { leastMs: 300_000, mostMs: 5 * 86_400_000 };

/** A carrier of one's own: listens when told to, forgets everything when closed. */
export function createCarrier(options: CarrierOptions): Carrier {
  const accounts = z.array(accountSchema).min(1).parse(options.accounts);
  const core = new CarrierCore({
    ...options,
    accounts,
    writeCallback: (report, account) =>
      account.provider === 'telnyx' ? statusEvent(report, account) : statusCallback(report, account),
  });
  const { maxConcurrentRequests = Number.POSITIVE_INFINITY, scheduleWindow } = options;
  let url = options.publicUrl ?? '';
  const apis = [
    new TwilioApi({ core, maxConcurrentRequests, scheduleWindow: scheduleWindow ?? twilioScheduleWindow }),
    new TelnyxApi({
      core,
      maxConcurrentRequests,
      scheduleWindow: scheduleWindow ?? telnyxScheduleWindow,
      publicUrl: () => url,
    }),
  ];
  const server = createCarrierServer(
    core,
    apis,
    pages(core, () => url),
  );

  return {
    core,
    get url() {
      return url;
    },
    async listen(port = 0, host = '127.0.0.1') {
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject).listen(port, host, resolve);
      });
      if (url === '') url = `http://127.0.0.1:${listeningPort(server.address())}`;
      return url;
    },
    async close() {
      await core.close();
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
    },
  };
}

function listeningPort(address: AddressInfo | string | null): number {
  if (address === null || typeof address === 'string') throw new Error('The carrier listens on no port.');
  return address.port;
}

/** Everything that is not a carrier's API: control, media storage, handset. */
function pages(core: CarrierCore, publicUrl: () => string): Hono {
  const app = new Hono();
  app.use(async (context, next) => {
    // The levers answer programs and our own page, never a page of another site that happens to be open.
    if (context.req.header('sec-fetch-site') === 'cross-site')
      return context.json({ error: 'Not from another site.' }, 403);
    await next();
  });
  app.get('/healthz', (context) => context.json({ status: 'ok' }));
  app.get(`${mediaStoragePath}:sid`, (context) => {
    const item = core.media.find(context.req.param('sid'));
    if (!item?.bytes) return context.json({ error: 'No such file.' }, 404);
    return context.body(new Uint8Array(item.bytes), 200, {
      'content-type': item.contentType,
      'content-security-policy': "default-src 'none'; sandbox",
      'x-content-type-options': 'nosniff',
    });
  });
  app.route('/control', controlApi(core, publicUrl));
  app.route('/handset', handsetPages(core));
  app.get('/', (context) => context.redirect('/handset'));
  return app;
}
