import { expect, it } from 'vitest';
import { parsePresenceCall, Presence } from './presence.ts';

const start = (): { presence: Presence<object>; one: object; two: object } => {
  let next = 1;
  return { presence: new Presence<object>(() => `ref${next++}`), one: {}, two: {} };
};

it('announces a new presence as a join', () => {
  const { presence, one } = start();
  expect(presence.track(one, 'anna', { name: 'Anna' })).toEqual({
    joins: { anna: { metas: [{ name: 'Anna', phx_ref: 'ref1' }] } },
    leaves: {},
  });
});

it('announces an update as one diff that names the meta it replaces', () => {
  const { presence, one } = start();
  presence.track(one, 'anna', { thread: 1 });
  expect(presence.track(one, 'anna', { thread: 2 })).toEqual({
    joins: { anna: { metas: [{ thread: 2, phx_ref: 'ref2', phx_ref_prev: 'ref1' }] } },
    leaves: { anna: { metas: [{ thread: 1, phx_ref: 'ref1' }] } },
  });
});

it('says nothing when the same payload is tracked again, whatever the order of its keys', () => {
  const { presence, one } = start();
  presence.track(one, 'anna', { a: 1, b: { c: [1, 2] } });
  expect(presence.track(one, 'anna', { b: { c: [1, 2] }, a: 1 })).toBeUndefined();
});

it('keeps one meta per owner under a shared key', () => {
  const { presence, one, two } = start();
  presence.track(one, 'anna', { tab: 1 });
  presence.track(two, 'anna', { tab: 2 });
  expect(presence.state()).toEqual({
    anna: {
      metas: [
        { tab: 1, phx_ref: 'ref1' },
        { tab: 2, phx_ref: 'ref2' },
      ],
    },
  });
  expect(presence.untrack(one)).toEqual({
    joins: {},
    leaves: { anna: { metas: [{ tab: 1, phx_ref: 'ref1' }] } },
  });
  expect(presence.state()).toEqual({ anna: { metas: [{ tab: 2, phx_ref: 'ref2' }] } });
});

it('has nothing to announce about an owner that tracked nothing', () => {
  const { presence, one } = start();
  expect(presence.untrack(one)).toBeUndefined();
  expect(presence.state()).toEqual({});
});

it('does not let a payload forge its reference', () => {
  const { presence, one } = start();
  const diff = presence.track(one, 'anna', { phx_ref: 'forged' });
  expect(diff?.joins.anna?.metas).toEqual([{ phx_ref: 'ref1' }]);
});

it.each([
  [
    { event: 'track', payload: { a: 1 } },
    { kind: 'track', payload: { a: 1 } },
  ],
  [{ event: 'TRACK' }, { kind: 'track', payload: {} }],
  [{ event: 'Untrack' }, { kind: 'untrack' }],
  [{ event: 'wave' }, { kind: 'unknown' }],
  [{}, { kind: 'none' }],
  ['track', { kind: 'none' }],
])('reads the call %j', (payload, call) => {
  expect(parsePresenceCall(payload)).toEqual(call);
});
