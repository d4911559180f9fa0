import { randomInt } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { Stack } from '@threadline/local-stack/stack-file';
import { createClient } from '../../src/index.ts';
import type { Client, ClientOptions } from '../../src/index.ts';

/** A number of the demo's area that nobody else texts. */
export function someone(): string {
  return `+1312555${String(randomInt(2000, 10_000))}`;
}

export function clientOf(stack: Stack, options: Partial<ClientOptions> = {}): Client {
  return createClient({
    supabaseUrl: stack.apiUrl,
    secretKey: stack.secretKey,
    organizationId: stack.organization.id,
    ...options,
  });
}

/** Calls a SQL function as an admin of the first organization. */
export async function asAdmin(stack: Stack, functionName: string, parameters: object): Promise<unknown> {
  const admin = stack.accounts.find(({ role }) => role === 'admin');
  const session = (await postJson(
    `${stack.apiUrl}/auth/v1/token?grant_type=password`,
    { email: admin?.email, password: admin?.password },
    { apikey: stack.publishableKey },
  )) as { access_token: string };
  return postJson(`${stack.apiUrl}/rest/v1/rpc/${functionName}`, parameters, {
    apikey: stack.publishableKey,
    authorization: `Bearer ${session.access_token}`,
  });
}

async function postJson(url: string, body: object, headers: Record<string, string>): Promise<unknown> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { ...headers, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${url} answered ${response.status}: ${text}`);
  return text === '' ? null : JSON.parse(text);
}

/** What the carrier took for a number, once it is there. */
export async function textsTo(stack: Stack, to: string, count = 1): Promise<string[]> {
  for (let tries = 0; tries < 400; tries += 1) {
    const response = await fetch(`${stack.carrierUrl}/control/messages?to=${encodeURIComponent(to)}`);
    const { messages } = (await response.json()) as { messages: { body: string }[] };
    if (messages.length >= count) return messages.map(({ body }) => body);
    await pause(25);
  }
  throw new Error(`the carrier never saw ${count} texts to ${to}`);
}

export async function customerTexts(stack: Stack, from: string, body: string): Promise<void> {
  await postJson(
    `${stack.carrierUrl}/control/inbound`,
    { from, to: stack.organization.phoneNumber, body },
    {},
  );
}

export function tomorrow(): Date {
  return new Date(Date.now() + 24 * 60 * 60 * 1000);
}
