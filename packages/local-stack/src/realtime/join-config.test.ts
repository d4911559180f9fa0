import { expect, it } from 'vitest';
import { echoPostgresChanges, parseJoin } from './join-config.ts';

it('takes the defaults for a join that asks for nothing', () => {
  expect(parseJoin({})).toEqual({
    isPrivate: false,
    acknowledges: false,
    includesSelf: false,
    wantsReplicationReady: false,
    replay: 'absent',
    presenceEnabled: false,
    presenceKey: undefined,
    postgresChanges: [],
    token: undefined,
  });
});

it('takes the defaults for parts that make no sense', () => {
  const config = {
    private: 'maybe',
    broadcast: 7,
    presence: { key: 5, enabled: [] },
    postgres_changes: 'all',
  };
  expect(parseJoin({ config, access_token: 12 })).toEqual(parseJoin({}));
  expect(parseJoin('nonsense')).toEqual(parseJoin({}));
});

it('reads booleans that arrive as text', () => {
  const config = {
    private: 'true',
    broadcast: { ack: 'true', self: 'false' },
    presence: { enabled: 'true' },
  };
  expect(parseJoin({ config })).toMatchObject({
    isPrivate: true,
    acknowledges: true,
    includesSelf: false,
    presenceEnabled: true,
  });
});

it('falls back to the key of the connection for an opaque token', () => {
  expect(parseJoin({ access_token: 'sb_publishable_x' }).token).toBeUndefined();
  expect(parseJoin({ access_token: 'jwt' }).token).toBe('jwt');
  expect(parseJoin({ user_token: 'older name' }).token).toBe('older name');
});

it('keeps a replay within 1 to 25 messages', () => {
  const replay = (request: unknown): unknown =>
    parseJoin({ config: { broadcast: { replay: request } } }).replay;
  expect(replay({ since: 5, limit: 10 })).toEqual({ since: 5, limit: 10 });
  expect(replay({ since: 5, limit: 1000 })).toEqual({ since: 5, limit: 25 });
  expect(replay({ since: 5, limit: 0 })).toEqual({ since: 5, limit: 1 });
  expect(replay({ since: 'yesterday' })).toBe('invalid');
  expect(replay({ since: 1.5 })).toBe('invalid');
  expect(replay(7)).toBe('invalid');
});

it('echoes every requested change in order, with an integer id', () => {
  const changes = [
    { event: '*', schema: 'public' },
    { event: 'INSERT', schema: 'public', table: 't' },
  ];
  expect(echoPostgresChanges(changes)).toEqual([
    { event: '*', schema: 'public', id: 1 },
    { event: 'INSERT', schema: 'public', table: 't', id: 2 },
  ]);
});
