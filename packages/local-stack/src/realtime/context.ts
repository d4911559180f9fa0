import type { Authorization } from './authorization.ts';
import type { RateWindow } from './limits.ts';
import type { Limits } from './limits.ts';
import type { Logger } from './logger.ts';
import type { Registry } from './registry.ts';
import type { ReplayStore } from './replay.ts';
import type { TokenVerifier } from './tokens.ts';

/** What every connection of one server shares. */
export type RealtimeContext = {
  limits: Limits;
  log: Logger;
  /** Milliseconds since 1970. */
  now: () => number;
  verifier: TokenVerifier;
  authorization: Authorization;
  replay: ReplayStore;
  registry: Registry;
  rates: { messages: RateWindow; joins: RateWindow; presence: RateWindow };
  /** Sockets that joined at least one channel. */
  connected: Set<object>;
  replication: { isReady: () => boolean; whenReady: (timeoutMs: number) => Promise<boolean> };
  privateOnly: boolean;
  /** Milliseconds an error reply waits, so that a client that retries at once does not spin. */
  errorDelayMs: number;
  idleTimeoutMs: number;
  replicationReadyTimeoutMs: number;
  isStopping: () => boolean;
};

export function tooManyMessages(context: RealtimeContext): boolean {
  return context.rates.messages.average() >= context.limits.messagesPerSecond;
}
