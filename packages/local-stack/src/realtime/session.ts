import type { WebSocket } from 'ws';
import { handleBroadcast } from './broadcast-event.ts';
import type { Channel } from './channel.ts';
import type { RealtimeContext } from './context.ts';
import { decodeBinary, decodeText, encodeText } from './frames.ts';
import type { InboundFrame, ProtocolVersion, Ref } from './frames.ts';
import { isChannelTopic, join } from './join.ts';
import { errorName } from './logger.ts';
import { handlePresence } from './presence-event.ts';
import type { Frame } from './registry.ts';
import { handleAccessToken } from './token-event.ts';

/** Close codes of the protocol (RFC 6455 §7.4.1). */
export const closeCodes = { disconnect: 1001, restart: 1012 } as const;

export type SessionOptions = {
  socket: WebSocket;
  version: ProtocolVersion;
  /** The key the connection came with; channels without a token of their own use it. */
  token: string;
  /** Request headers that policies may look at. */
  headers: Record<string, string>;
};

/** One socket. Its frames are handled one after the other; heartbeats pass the queue. */
export class Session {
  readonly version: ProtocolVersion;
  readonly token: string;
  readonly headers: Record<string, string>;

  readonly #context: RealtimeContext;
  readonly #socket: WebSocket;
  readonly #channels = new Map<string, Channel>();
  readonly #delayed = new Set<NodeJS.Timeout>();
  readonly #idleTimer: NodeJS.Timeout;
  #queue: Promise<void> = Promise.resolve();

  constructor(context: RealtimeContext, options: SessionOptions) {
    this.#context = context;
    this.#socket = options.socket;
    this.version = options.version;
    this.token = options.token;
    this.headers = options.headers;
    this.#idleTimer = setTimeout(
      () => void this.disconnect(closeCodes.disconnect, 'idle timeout'),
      context.idleTimeoutMs,
    );
    this.#socket.on('message', (bytes, isBinary) => this.#receive(toBuffer(bytes), isBinary));
    this.#socket.on('ping', () => this.#idleTimer.refresh());
    this.#socket.on('close', () => this.#end());
    this.#socket.on('error', (error) => context.log('warning', 'socket_error', { error: errorName(error) }));
  }

  get isOpen(): boolean {
    return this.#socket.readyState === this.#socket.OPEN;
  }

  get channelCount(): number {
    return this.#channels.size;
  }

  channel(topic: string): Channel | undefined {
    return this.#channels.get(topic);
  }

  adopt(channel: Channel): void {
    this.#channels.set(channel.topic, channel);
  }

  forget(channel: Channel): void {
    if (this.#channels.get(channel.topic) === channel) this.#channels.delete(channel.topic);
  }

  send(frame: Frame): void {
    if (this.isOpen) this.#socket.send(frame);
  }

  sendText(frame: InboundFrame): void {
    this.send(encodeText(this.version, frame));
  }

  push(joinRef: Ref, topic: string, event: string, payload: unknown): void {
    this.sendText({ joinRef, ref: null, topic, event, payload });
  }

  /** @param joinRef of the channel that answers; the client's own where there is none */
  reply(
    { joinRef, ref, topic }: InboundFrame,
    status: 'ok' | 'error',
    response: object,
    channelRef: Ref = joinRef,
  ): void {
    this.sendText({ joinRef: channelRef, ref, topic, event: 'phx_reply', payload: { status, response } });
  }

  /** Answers after the error delay without holding up anything else. */
  replyLater(frame: InboundFrame, status: 'error', response: object, thenDisconnect: boolean): void {
    const timer = setTimeout(() => {
      this.#delayed.delete(timer);
      this.reply(frame, status, response);
      if (thenDisconnect) void this.disconnect(closeCodes.disconnect, 'disconnect');
    }, this.#context.errorDelayMs);
    this.#delayed.add(timer);
  }

  /** Resolves when the socket is closed; a peer that is gone never answers, so it is not waited for long. */
  async disconnect(code: number, reason: string): Promise<void> {
    if (this.#socket.readyState === this.#socket.CLOSED) return;
    const closed = new Promise((resolve) => this.#socket.once('close', resolve));
    this.#socket.close(code, reason);
    const timer = setTimeout(() => this.#socket.terminate(), 1000);
    await closed;
    clearTimeout(timer);
  }

  #receive(bytes: Buffer, isBinary: boolean): void {
    this.#idleTimer.refresh();
    const frame = this.#decode(bytes, isBinary);
    if (!frame) {
      this.#context.log('warning', 'frame_ignored', { bytes: bytes.length });
    } else if (frame.topic === 'phoenix' && frame.event === 'heartbeat') {
      this.reply(frame, 'ok', {});
    } else {
      this.#queue = this.#queue.then(() => this.#handleSafely(frame));
    }
  }

  #decode(bytes: Buffer, isBinary: boolean): InboundFrame | undefined {
    if (!isBinary) return decodeText(this.version, bytes.toString('utf8'));
    return this.version === '2.0.0' ? decodeBinary(bytes) : undefined;
  }

  async #handleSafely(frame: InboundFrame): Promise<void> {
    try {
      if (this.isOpen) await this.#handle(frame);
    } catch (error) {
      this.#context.log('error', 'channel_crashed', { error: errorName(error) });
      const channel = this.channel(frame.topic);
      channel?.detach();
      const joinRef = channel?.joinRef ?? frame.joinRef;
      this.sendText({ joinRef, ref: joinRef, topic: frame.topic, event: 'phx_error', payload: {} });
    }
  }

  async #handle(frame: InboundFrame): Promise<void> {
    if (frame.event === 'phx_join' && isChannelTopic(frame.topic)) {
      await join(this.#context, this, frame);
      return;
    }
    const channel = this.channel(frame.topic);
    if (frame.event === 'phx_leave') {
      this.#leave(frame, channel);
    } else if (!channel) {
      this.reply(frame, 'error', { reason: 'unmatched topic' });
    } else if (frame.event === 'broadcast') {
      await handleBroadcast(this.#context, channel, frame);
    } else if (frame.event === 'presence') {
      await handlePresence(this.#context, channel, frame);
    } else if (frame.event === 'access_token') {
      await handleAccessToken(this.#context, channel, frame.payload);
    } else {
      channel.countMessage();
    }
  }

  /** Leaving is always fine; a leave meant for an earlier join of the topic leaves the present one alone. */
  #leave(frame: InboundFrame, channel: Channel | undefined): void {
    this.reply(frame, 'ok', {});
    if (frame.joinRef === null || frame.joinRef === channel?.joinRef) channel?.close();
  }

  #end(): void {
    clearTimeout(this.#idleTimer);
    for (const timer of this.#delayed) clearTimeout(timer);
    this.#context.connected.delete(this);
    for (const channel of [...this.#channels.values()]) channel.detach();
  }
}

function toBuffer(bytes: Buffer | ArrayBuffer | Buffer[]): Buffer {
  if (Buffer.isBuffer(bytes)) return bytes;
  return Array.isArray(bytes) ? Buffer.concat(bytes) : Buffer.from(bytes);
}
