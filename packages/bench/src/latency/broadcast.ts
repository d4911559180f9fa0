import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { createClient, REALTIME_SUBSCRIBE_STATES, type SupabaseClient } from '@supabase/supabase-js';
import { inboxTopic } from '@threadline/database/topics';
import type { Stack } from '@threadline/local-stack/stack-file';
import { z } from 'zod';
import type { CarrierControl } from '../rig/carrier.ts';
import type { Rig } from '../rig/rig.ts';
import type { Tenant } from '../rig/world.ts';

export type WebhookSamples = {
  rig: Rig;
  tenant: Tenant;
  carrier: CarrierControl;
  samples: number;
  pauseMs: number;
};

const changed = z.object({
  payload: z.object({
    threads: z.array(z.object({ last_message: z.object({ preview: z.string() }).nullable() })),
  }),
});

/** Milliseconds from the customer's text at the carrier to the hint at a signed-in subscriber of the inbox. */
export async function measureBroadcast({
  rig,
  tenant,
  carrier,
  samples,
  pauseMs,
}: WebhookSamples): Promise<number[]> {
  const { stack } = rig;
  const client = createClient(stack.apiUrl, stack.publishableKey);
  await signIn(client, stack);
  const waiting = new Map<string, () => void>();
  const channel = client.channel(inboxTopic(tenant.organizationId), { config: { private: true } });
  channel.on('broadcast', { event: 'threads_changed' }, (message) => {
    for (const thread of changed.safeParse(message).data?.payload.threads ?? [])
      waiting.get(thread.last_message?.preview ?? '')?.();
  });
  await new Promise<void>((resolve, reject) => {
    channel.subscribe((status) => {
      if (status === REALTIME_SUBSCRIBE_STATES.SUBSCRIBED) resolve();
      else if (status !== REALTIME_SUBSCRIBE_STATES.CLOSED)
        reject(new Error(`the subscription ended as ${status}`));
    });
  });
  try {
    const taken: number[] = [];
    for (let sample = -3; sample < samples; sample += 1) {
      const elapsed = await textUs({ tenant, carrier }, sample + 3, (body) => {
        return new Promise<void>((resolve) => waiting.set(body, resolve));
      });
      if (sample >= 0) taken.push(elapsed);
      await pause(pauseMs);
    }
    return taken;
  } finally {
    await client.removeAllChannels();
    await client.auth.signOut();
  }
}

export async function textUs(
  { tenant, carrier }: { tenant: Tenant; carrier: CarrierControl },
  index: number,
  seen: (body: string) => Promise<unknown>,
): Promise<number> {
  const thread = tenant.threads[index % tenant.threads.length];
  const body = `Sample ${index} ${randomUUID().slice(0, 8)}`;
  const shown = seen(body);
  const begin = performance.now();
  const posted = carrier.textUs({ from: thread?.recipient ?? '', to: thread?.sender ?? '', body });
  await shown;
  const elapsed = performance.now() - begin;
  await posted;
  return elapsed;
}

async function signIn(client: SupabaseClient, stack: Stack): Promise<void> {
  const account = stack.accounts.find(
    ({ role, organizationId }) => role === 'agent' && organizationId === stack.organization.id,
  );
  const { error } = await client.auth.signInWithPassword({
    email: account?.email ?? '',
    password: account?.password ?? '',
  });
  if (error) throw error;
}
