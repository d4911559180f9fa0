import { describe, expect, it } from 'vitest';
import { RpcFailure } from '../_shared/rpc.ts';
import { openApiDocument } from './openapi.ts';
import { LARGEST_BODY_BYTES } from './request-body.ts';
import { accepted, apiKey, bodyOf, jobId, organization, to, world } from './testing/endpoint.ts';

describe('one message', () => {
  it('is kept in the name of the key’s organization, and can be found again', async () => {
    const { post, calls } = world();
    const response = await post({
      to,
      body: 'Hi',
      scheduled_for: '2026-11-21T09:00:00-05:00',
      metadata: { a: [1] },
    });
    expect(response.status).toBe(201);
    expect(response.headers.get('location')).toBe(`/functions/v1/messages/${jobId}`);
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(await bodyOf(response)).toEqual({
      job_id: jobId,
      outcome: 'accepted',
      status: 'queued',
      due_at: '2026-11-20T15:30:00Z',
      hold_reason: null,
    });
    expect(calls.slice(1)).toEqual([
      {
        functionName: 'enqueue_message',
        parameters: {
          p_organization_id: organization,
          p_job: { to, body: 'Hi', scheduled_for: '2026-11-21T09:00:00-05:00', metadata: { a: [1] } },
        },
      },
    ]);
  });

  it.each([
    ['abc', 'abc'],
    ['"abc"', 'abc'],
  ])('takes Idempotency-Key %s as its key', async (header, key) => {
    const { post, jobsOf } = world();
    await post({ to, body: 'Hi' }, { 'idempotency-key': header });
    expect(jobsOf(1)).toMatchObject({ p_job: { idempotency_key: key } });
  });

  it('that was here before answers the same and says so', async () => {
    const { post } = world({ enqueue_message: () => ({ ...accepted, outcome: 'duplicate' }) });
    const replay = await post({ to, body: 'Hi' }, { 'idempotency-key': 'abc' });
    expect(replay.status).toBe(200);
    expect(replay.headers.get('idempotent-replay')).toBe('true');
    expect(await bodyOf(replay)).toMatchObject({ job_id: jobId, outcome: 'duplicate' });
  });

  it('with a used key and other content is a conflict', async () => {
    const { post } = world({
      enqueue_message: () => ({ outcome: 'refused', code: 'TL105', message: 'Used before' }),
    });
    const response = await post({ to, body: 'Other' }, { 'idempotency-key': 'abc' });
    expect(response.status).toBe(409);
    expect(await bodyOf(response)).toEqual({
      type: 'urn:threadline:problem:idempotency_conflict',
      title: 'Conflict',
      status: 409,
      detail: 'Used before',
      code: 'TL105',
    });
  });

  it.each([
    ['TL103', 409],
    ['TL101', 422],
    ['TL002', 422],
    ['TL001', 403],
    ['TL112', 422],
    ['TL118', 422],
    ['TL999', 422],
  ])('refused with %s answers %d', async (code, status) => {
    const { post } = world({ enqueue_message: () => ({ outcome: 'refused', code, message: 'No' }) });
    const response = await post({ to, body: 'Hi' });
    expect(response.status).toBe(status);
    expect(await bodyOf(response)).toMatchObject({ code, detail: 'No' });
  });

  it.each([
    [{ to: 'x', body: 'Hi' }, [{ pointer: '/to', detail: expect.stringMatching(/E\.164/) }]],
    [{ body: 'Hi' }, [{ pointer: '/to', detail: 'is missing' }]],
    [{ to }, [{ pointer: '/body', detail: expect.stringMatching(/body or a template/) }]],
    [{ to, body: 'Hi', 'a/b~c': 1 }, [{ pointer: '/a~1b~0c', detail: 'is not a field we know' }]],
    [{ to, body: 'Hi', scheduled_for: 'soon' }, [{ pointer: '/scheduled_for', detail: expect.any(String) }]],
    [[], [{ pointer: '', detail: expect.any(String) }]],
    [null, [{ pointer: '', detail: expect.any(String) }]],
  ])('%j is refused with the place of every problem', async (body, errors) => {
    const { post, calls } = world();
    const response = await post(body);
    expect(response.status).toBe(422);
    expect(await bodyOf(response)).toMatchObject({ errors });
    expect(calls).toHaveLength(1);
  });

  it('has one key', async () => {
    const { post } = world();
    const message = { to, body: 'Hi', idempotency_key: 'a' };
    expect((await post(message, { 'idempotency-key': 'b' })).status).toBe(422);
    expect((await post(message, { 'idempotency-key': 'a' })).status).toBe(201);
    expect((await post(message, { 'idempotency-key': '""' })).status).toBe(422);
    expect((await post(message, { 'idempotency-key': 'k'.repeat(201) })).status).toBe(422);
  });
});

describe('a list', () => {
  it('is one call, and its messages are accepted and refused one by one', async () => {
    const { post, calls } = world({
      enqueue_batch: () => [
        accepted,
        { outcome: 'refused', code: 'TL103', message: 'Opted out' },
        { ...accepted, outcome: 'duplicate' },
      ],
    });
    const message = { to, body: 'Hi' };
    const response = await post({ messages: [message, { to: 'x', body: 'Hi' }, message, message] });
    expect(response.status).toBe(200);
    expect(await bodyOf(response)).toMatchObject({
      accepted: 1,
      duplicates: 1,
      refused: 2,
      results: [
        { index: 0, outcome: 'accepted', job_id: jobId },
        {
          index: 1,
          outcome: 'refused',
          code: 'invalid_input',
          message: expect.stringMatching(/^\/to must be/),
        },
        { index: 2, outcome: 'refused', code: 'TL103', message: 'Opted out' },
        { index: 3, outcome: 'duplicate' },
      ],
    });
    expect(calls.map(({ functionName, parameters }) => [functionName, parameters['p_cost']])).toEqual([
      ['authenticate_api_key', 1],
      ['authenticate_api_key', 2],
      ['enqueue_batch', undefined],
    ]);
  });

  it('gives each message the key of the list with its place', async () => {
    const { post, jobsOf } = world({
      enqueue_batch: ({ p_jobs: jobs }) =>
        (jobs as unknown[]).map(() => ({ ...accepted, outcome: 'duplicate' })),
    });
    const messages = [
      { to, body: 'a' },
      { to: 'x' },
      { to, body: 'b', idempotency_key: 'own' },
      { to, body: 'c' },
    ];
    const response = await post({ messages }, { 'idempotency-key': 'list' });
    expect(jobsOf(2)).toMatchObject({
      p_jobs: [{ idempotency_key: 'list/0' }, { idempotency_key: 'own' }, { idempotency_key: 'list/3' }],
    });
    expect(response.headers.get('idempotent-replay')).toBe('true');
  });

  it('under a used key with other content is a conflict', async () => {
    const { post } = world({ enqueue_batch: () => [{ outcome: 'refused', code: 'TL105', message: 'Used' }] });
    const response = await post({ messages: [{ to, body: 'a' }] }, { 'idempotency-key': 'list' });
    expect(response.status).toBe(409);
  });

  it.each([
    ['none', []],
    ['more than a thousand', Array.from({ length: 1001 }, () => ({ to, body: 'Hi' }))],
    ['something else', 'all'],
  ])('of %s is refused', async (_what, messages) => {
    const { post, calls } = world();
    expect((await post({ messages })).status).toBe(422);
    expect(calls).toHaveLength(1);
  });
});

describe('a message that is there', () => {
  const path = `/messages/${jobId}`;

  it('is looked up, rescheduled and cancelled', async () => {
    const { send, calls } = world();
    expect(await bodyOf(await send('GET', `/functions/v1${path}`))).toMatchObject({
      status: 'sent',
      extra: 1,
    });
    const moved = await send('PATCH', path, { scheduled_for: '2026-11-21T10:30:00-05:00' });
    expect(await bodyOf(moved)).toMatchObject({ status: 'scheduled', due_at: '2026-11-21T15:30:00Z' });
    expect(await bodyOf(await send('DELETE', path))).toMatchObject({ job_id: jobId, status: 'cancelled' });
    expect(
      calls.map(({ functionName }) => functionName).filter((name) => name !== 'authenticate_api_key'),
    ).toEqual(['job_status', 'reschedule_job', 'cancel_jobs']);
    expect(calls.filter(({ parameters }) => parameters['p_organization_id'] === organization)).toHaveLength(
      3,
    );
  });

  it('that waits at the carrier is cancelled once the carrier says so', async () => {
    const { send } = world({
      cancel_jobs: () => [{ job_id: jobId, outcome: 'requested', status: 'at_carrier', message: 'Asked' }],
    });
    const answer = await send('DELETE', path);
    expect(answer.status).toBe(202);
    expect(await bodyOf(answer)).toMatchObject({ job_id: jobId, status: 'at_carrier' });
  });

  it('of somebody else, or of nobody, is not found', async () => {
    const refused = { job_id: jobId, outcome: 'refused', code: 'TL001', message: 'No' };
    const { send } = world({
      job_status: () => [{ job_id: jobId, code: 'TL001', message: 'No' }],
      cancel_jobs: () => [refused],
      reschedule_job: () => new RpcFailure({ transient: false, code: 'TL001' }),
    });
    for (const method of ['GET', 'DELETE']) expect((await send(method, path)).status).toBe(404);
    expect((await send('PATCH', path, { scheduled_for: '2026-11-21T10:30:00Z' })).status).toBe(404);
    expect((await world().send('GET', '/messages/1')).status).toBe(404);
  });

  it('that is over cannot be changed', async () => {
    // TL105 stands in for any code whose status is 409.
    const { send } = world({
      cancel_jobs: () => [{ job_id: jobId, outcome: 'refused', code: 'TL105', message: 'On its way' }],
      reschedule_job: () => new RpcFailure({ transient: false, code: 'TL105' }),
    });
    expect((await send('DELETE', path)).status).toBe(409);
    expect((await send('PATCH', path, { scheduled_for: '2026-11-21T10:30:00Z' })).status).toBe(409);
  });

  it('needs a time to be moved to', async () => {
    const { send } = world();
    for (const scheduled_for of ['tomorrow', '2026-11-21T09:00:00+23:00', '0000-01-01T00:00:00Z']) {
      expect((await send('PATCH', path, { scheduled_for })).status).toBe(422);
    }
    expect((await send('PATCH', path, { body: 'other' })).status).toBe(422);
  });
});

describe('who may', () => {
  it.each([
    ['no key', { authorization: '' }],
    ['another kind of key', { authorization: 'Bearer sb_secret_x' }],
    ['no bearer', { authorization: `Basic ${apiKey}` }],
    ['a key that is too short', { authorization: 'Bearer tl_live_abc' }],
  ])('not those with %s, who do not even reach the database', async (_what, headers) => {
    const { post, calls } = world();
    const response = await post('not even json', headers);
    expect(response.status).toBe(401);
    expect(response.headers.get('www-authenticate')).toBe('Bearer');
    expect(calls).toEqual([]);
  });

  it('not those with an unknown or revoked key', async () => {
    const { post, calls } = world();
    expect(
      (await post({ to, body: 'Hi' }, { authorization: `Bearer tl_live_${'0'.repeat(32)}` })).status,
    ).toBe(401);
    expect(calls).toHaveLength(1);
    const revoked = world({ authenticate_api_key: () => null });
    expect((await revoked.post({ to, body: 'Hi' })).status).toBe(401);
  });

  it('not those who send too fast, who are told when to come again', async () => {
    const slow = (seconds: number) => ({
      organization_id: organization,
      api_key_id: 'k1',
      retry_after_seconds: seconds,
    });
    for (const [seconds, header] of [
      [0.001, '1'],
      [1.2, '2'],
      [30, '30'],
    ] as const) {
      const { post, calls } = world({ authenticate_api_key: () => slow(seconds) });
      const response = await post({ to, body: 'Hi' });
      expect(response.status).toBe(429);
      expect(response.headers.get('retry-after')).toBe(header);
      expect(calls).toHaveLength(1);
    }
    const { post, calls } = world({
      authenticate_api_key: ({ p_cost: cost }) =>
        cost === 1 ? { ...slow(0), retry_after_seconds: null } : slow(5),
    });
    expect(
      (
        await post({
          messages: [
            { to, body: 'a' },
            { to, body: 'b' },
            { to, body: 'c' },
          ],
        })
      ).status,
    ).toBe(429);
    expect(calls.map(({ functionName }) => functionName)).not.toContain('enqueue_batch');
  });
});

describe('requests that are none', () => {
  it.each([
    [415, 'text', { 'content-type': 'text/plain' }],
    [415, '{}', { 'content-type': '' }],
    [400, '{"to":', {}],
    [413, `{"body":"${'x'.repeat(LARGEST_BODY_BYTES)}"}`, {}],
    [422, '{"to":"x"}', { 'content-type': 'application/json; charset=utf-8' }],
  ])('answer %d', async (status, body, headers) => {
    expect((await world().post(body, headers)).status).toBe(status);
  });

  it.each([
    ['GET', '/messages', 405],
    ['PUT', `/messages/${jobId}`, 405],
    ['POST', '/messages/openapi.json', 405],
    ['GET', '/other', 404],
    ['GET', `/messages/${jobId}/parts`, 404],
  ])('%s %s answers %d', async (method, path, status) => {
    const { send, calls } = world();
    const response = await send(method, path);
    expect(response.status).toBe(status);
    if (status === 405) expect(response.headers.get('allow')).toBeTruthy();
    expect(calls).toEqual([]);
  });

  it('but the document is for everybody', async () => {
    const { send } = world();
    const response = await send('GET', '/messages/openapi.json', undefined, { authorization: '' });
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual(openApiDocument());
  });
});

describe('when the database fails', () => {
  it.each([
    ['is away', new RpcFailure({ transient: true, code: null }), 503],
    ['is busy', new RpcFailure({ transient: true, code: '40P01' }), 503],
    ['is at it with the same key', new RpcFailure({ transient: false, code: '23505' }), 503],
    ['has an error', new RpcFailure({ transient: false, code: '42883' }), 500],
    ['refuses the whole', new RpcFailure({ transient: false, code: 'TL001' }), 403],
    ['answers something else', new TypeError('x is undefined'), 500],
  ])('because it %s', async (_what, failure, status) => {
    const { post, logged } = world({ enqueue_message: () => failure });
    const response = await post({ to, body: 'Hi' });
    expect(response.status).toBe(status);
    if (status === 503) expect(response.headers.get('retry-after')).toBe('1');
    expect(logged).toHaveLength(1);
  });

  it('with an answer of another version, it says no more than that', async () => {
    const { post } = world({ enqueue_message: () => ({ outcome: 'maybe' }) });
    const response = await post({ to, body: 'Hi' });
    expect(response.status).toBe(500);
    expect(await bodyOf(response)).toMatchObject({ detail: 'Something went wrong on our side.' });
  });
});

it('logs ids and no person, text or secret', async () => {
  const { post, send, logged } = world({
    enqueue_batch: () => new RpcFailure({ transient: true, code: null }),
  });
  await post({ to, body: 'Secret text' }, { 'idempotency-key': 'Maria' });
  await post({ messages: [{ to, body: 'Secret text' }] });
  await post({ to: 'Secret text' });
  await send('GET', `/messages/${jobId}`);
  expect(logged).toHaveLength(4);
  expect(logged.join('\n')).toContain(organization);
  expect(logged.join('\n')).not.toMatch(/tl_live|aB3|3125550142|Secret|Maria|[0-9a-f]{64}/);
});
