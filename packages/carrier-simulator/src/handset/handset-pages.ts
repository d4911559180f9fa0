import { readFileSync } from 'node:fs';
import { Hono, type Context } from 'hono';
import { streamSSE, type SSEStreamingApi } from 'hono/streaming';
import type { CarrierCore } from '../core/carrier-core.ts';
import type { CarrierEvent } from '../core/carrier-events.ts';
import { magicRecipients, noReceipt } from '../core/delivery-endings.ts';
import { twilioMagicNumbers } from '../twilio/create-parameters.ts';
import { bubble, conversation, isShown, recentPhones } from './handset-feed.ts';

const assetTypes = {
  'handset.css': 'text/css; charset=utf-8',
  'conversation.css': 'text/css; charset=utf-8',
  'phone.css': 'text/css; charset=utf-8',
  'sheets.css': 'text/css; charset=utf-8',
  'handset.js': 'text/javascript; charset=utf-8',
  'composer.js': 'text/javascript; charset=utf-8',
  'conversation-view.js': 'text/javascript; charset=utf-8',
  'faults-form.js': 'text/javascript; charset=utf-8',
  'phone-number.js': 'text/javascript; charset=utf-8',
  'phones-view.js': 'text/javascript; charset=utf-8',
} as const;

const contentPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  // Pictures may lie wherever the business keeps them.
  "img-src 'self' data: blob: http: https:",
  "base-uri 'none'",
  "form-action 'self'",
].join('; ');

/** How long news about other phones is gathered before it is sent, in milliseconds. */
const phonesEveryMs = 400;

/** Keeps proxies and browsers from closing a quiet stream, in milliseconds. */
const heartbeatMs = 15_000;

/** `GET /handset`: the page that plays the customer's phone, and the feeds it lives on. */
export function handsetPages(core: CarrierCore): Hono {
  const app = new Hono();
  const read = (name: string) => readFileSync(new URL(`./page/${name}`, import.meta.url), 'utf8');

  app.get('/', (context) =>
    context.html(
      read('handset.html').replace('{{setup}}', () => embed(setup(core))),
      200,
      {
        'content-security-policy': contentPolicy,
        'cache-control': 'no-store',
      },
    ),
  );

  for (const [name, contentType] of Object.entries(assetTypes)) {
    app.get(`/page/${name}`, (context) =>
      context.body(read(name), 200, { 'content-type': contentType, 'cache-control': 'no-cache' }),
    );
  }

  app.get('/phones', (context) => context.json(recentPhones(core)));

  app.get('/conversation', (context) => {
    const { phone = '', business = '' } = context.req.query();
    return context.json(conversation(core, phone, business));
  });

  app.get('/events', (context) => streamEvents(core, context));

  return app;
}

const carrierNames = { twilio: 'Twilio', telnyx: 'Telnyx' } as const;

function setup(core: CarrierCore) {
  const carriers = new Set(core.accounts.all.map(({ provider }) => provider));
  const businesses = core.accounts.all.flatMap(({ numbers, provider }) =>
    // Told apart only where there is something to tell apart.
    numbers.map((number) => ({ ...number, carrier: carriers.size > 1 ? carrierNames[provider] : null })),
  );
  const ours = magicRecipients.map(({ phoneNumber, code, meaning }) => ({
    phoneNumber,
    code: code === noReceipt ? null : code,
    meaning,
  }));
  const twilio = Object.entries(twilioMagicNumbers.recipients).map(([phoneNumber, code]) => ({
    phoneNumber,
    code,
  }));
  return { businesses, phones: recentPhones(core), magic: { ours, twilio } };
}

/** JSON that may stand inside a script element. */
function embed(value: unknown): string {
  return JSON.stringify(value).replaceAll('<', '\\u003c');
}

/** Everything about one phone at once, and a little about the others a few times a second. */
function streamEvents(core: CarrierCore, context: Context): Response {
  const phone = context.req.query('phone') ?? '';
  return streamSSE(context, async (stream) => {
    let othersChanged = false;
    const unsubscribe = core.events.subscribe((event) => {
      if (event.kind !== 'reset' && event.customer !== phone) othersChanged = true;
      else tell(stream, event);
    });
    const phones = setInterval(() => {
      if (!othersChanged) return;
      othersChanged = false;
      void stream.writeSSE({ event: 'phones', data: JSON.stringify(recentPhones(core)) });
    }, phonesEveryMs).unref();
    const heartbeat = setInterval(
      () => void stream.writeSSE({ event: 'beat', data: '' }),
      heartbeatMs,
    ).unref();
    await stream.writeSSE({ event: 'hello', data: '' });
    await new Promise<void>((resolve) => stream.onAbort(resolve));
    unsubscribe();
    clearInterval(phones);
    clearInterval(heartbeat);
  });
}

function tell(stream: SSEStreamingApi, event: CarrierEvent): void {
  if (event.kind === 'reset') void stream.writeSSE({ event: 'reset', data: '' });
  else if (isShown(event.message))
    void stream.writeSSE({ event: 'bubble', data: JSON.stringify(bubble(event.message)) });
}
