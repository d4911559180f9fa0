import { z } from 'zod';
import { stack } from './desk.ts';

const log = z.object({ messages: z.array(z.object({ to: z.string(), body: z.string() })) });

/**
 * A source of customers' numbers no other test file texts from: each file takes an area code the demo does not use.
 * Lines 555-0100 to 555-0199 are kept for fiction.
 */
export function customersOf(areaCode: string): () => string {
  let line = Math.floor(Math.random() * 100);
  return () => `+1${areaCode}5550${100 + (line++ % 100)}`;
}

/** A customer texts us through the carrier. */
export async function textUs(from: string, body: string, mediaUrls: string[] = []): Promise<void> {
  const answer = await fetch(`${stack.carrierUrl}/control/inbound`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ from, to: stack.organization.phoneNumber, body, mediaUrls }),
  });
  if (!answer.ok)
    throw new Error(`The carrier refused the inbound text: ${answer.status} ${await answer.text()}`);
}

/** The bodies of every message the carrier took for this number, in order. */
export async function acceptedBodies(to: string): Promise<string[]> {
  const answer = await fetch(`${stack.carrierUrl}/control/messages?to=${encodeURIComponent(to)}`);
  return log.parse(await answer.json()).messages.map((message) => message.body);
}
