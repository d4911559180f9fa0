import { expect, it } from 'vitest';
import { decodeBinary, decodeText, encodeText, encodeUserBroadcast, parseVersion } from './frames.ts';

const push = (fields: string[], encoding: number, body: Buffer): Buffer => {
  const parts = fields.map((field) => Buffer.from(field));
  return Buffer.concat([Buffer.from([3, ...parts.map((part) => part.length), encoding]), ...parts, body]);
};

it('speaks 1.0.0 to a client that names no version, and nothing but 1.0.0 and 2.0.0', () => {
  expect(parseVersion(null)).toBe('1.0.0');
  expect(parseVersion('2.0.0')).toBe('2.0.0');
  for (const other of ['', '2', '2.0.1', '3.0.0']) expect(parseVersion(other)).toBeUndefined();
});

it('reads a message of either version', () => {
  const message = { joinRef: '1', ref: '2', topic: 'realtime:a', event: 'x', payload: { a: 1 } };
  expect(decodeText('2.0.0', '["1","2","realtime:a","x",{"a":1}]')).toEqual(message);
  expect(
    decodeText('1.0.0', '{"topic":"realtime:a","event":"x","payload":{"a":1},"ref":"2","join_ref":"1"}'),
  ).toEqual(message);
});

it.each([
  ['1.0.0', '{"topic":"t","event":"e","payload":{}}'],
  ['1.0.0', '{"topic":"t","event":"e","ref":"1"}'],
  ['1.0.0', '{"event":"e","payload":{},"ref":"1"}'],
  ['1.0.0', '["1","2","t","e",{}]'],
  ['2.0.0', '["1","2","t","e"]'],
  ['2.0.0', '["1","2",3,"e",{}]'],
  ['2.0.0', '[{},"2","t","e",{}]'],
  ['2.0.0', '{"topic":"t","event":"e","payload":{},"ref":"1"}'],
  ['2.0.0', 'null'],
  ['2.0.0', 'not json'],
] as const)('drops the malformed %s frame %s', (version, text) => {
  expect(decodeText(version, text)).toBeUndefined();
});

it('leaves the join reference out of version 1.0.0', () => {
  const frame = { joinRef: '1', ref: null, topic: 't', event: 'e', payload: { a: 'ü' } };
  expect(JSON.parse(encodeText('1.0.0', frame))).toEqual({
    topic: 't',
    event: 'e',
    payload: { a: 'ü' },
    ref: null,
  });
  expect(JSON.parse(encodeText('2.0.0', frame))).toEqual(['1', null, 't', 'e', { a: 'ü' }]);
});

it('reads a user broadcast with JSON and with raw bytes', () => {
  const json = decodeBinary(
    push(['1', '2', 'realtime:ü', 'évé', '{"persist":true}'], 1, Buffer.from('{"a":1}')),
  );
  expect(json).toMatchObject({ joinRef: '1', ref: '2', topic: 'realtime:ü', event: 'broadcast' });
  expect(json?.userBroadcast).toEqual({ event: 'évé', encoding: 'json', body: Buffer.from('{"a":1}') });

  const raw = decodeBinary(push(['', '', 't', 'e', ''], 0, Buffer.from([0, 255])));
  expect(raw).toMatchObject({ joinRef: null, ref: null });
  expect(raw?.userBroadcast).toEqual({ event: 'e', encoding: 'binary', body: Buffer.from([0, 255]) });
});

it.each([
  ['another kind', Buffer.from([0, 0, 0, 0, 0, 0, 0])],
  ['a head cut short', Buffer.from([3, 1, 1])],
  ['lengths beyond the frame', Buffer.from([3, 0, 0, 200, 0, 0, 1, 65])],
  ['an unknown encoding', push(['', '', 't', 'e', ''], 7, Buffer.from('{}'))],
  ['a JSON body that is not JSON', push(['', '', 't', 'e', ''], 1, Buffer.from('{'))],
  ['metadata that is not an object', push(['', '', 't', 'e', '[]'], 1, Buffer.from('{}'))],
  ['nothing', Buffer.alloc(0)],
])('drops a binary frame with %s', (_name, frame) => {
  expect(decodeBinary(frame)).toBeUndefined();
});

it('writes a user broadcast with byte lengths, not character counts', () => {
  const frame = encodeUserBroadcast('ü', { event: 'e', encoding: 'binary', body: Buffer.from([9]) }, '{}');
  expect(frame).toEqual(Buffer.from([4, 2, 1, 2, 0, 0xc3, 0xbc, 101, 123, 125, 9]));
});

it('cannot write a user broadcast with a field above 255 bytes', () => {
  const broadcast = { event: 'ü'.repeat(128), encoding: 'json', body: Buffer.from('{}') } as const;
  expect(encodeUserBroadcast('t', broadcast, '')).toBeUndefined();
});
