import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { openArena, value, type Arena, type Session } from './database-races/sessions.ts';

// Two people, two devices or two carriers' requests at the same moment; see database-races.stack.test.ts.
let arena: Arena;
let a: Session;
let b: Session;
let c: Session;

beforeAll(async () => {
  arena = await openArena('database_races_of_people');
  [a, b, c] = [await arena.session(), await arena.session(), await arena.session()];
});
beforeEach(() => arena.reset());
afterAll(() => arena.close());

const as = (who: string, call: string) => `select tests.value_as('${who}', format(${call}))`;
const send = (body: string) => `select tests.send('${body}', tests.id('key')) ->> 'id'`;
const inbound = `select tests.inbound('{"body": "Hello"}') ->> 'outcome'`;

describe('one client key, twice at once', () => {
  test('is one message, and both hear of it', async () => {
    await a.sql.unsafe('begin');
    const first = await value(a, send('Hello'));
    const repeated = value(b, send('Hello'));
    await arena.untilBlocked(b);
    await a.sql.unsafe('commit');
    expect(await repeated).toBe(first);
    expect(await value(a, `select count(*)::int from pgmq.q_sms_priority_queue`)).toBe(1);
  });

  test('is one message also when the first comes to nothing', async () => {
    await a.sql.unsafe('begin');
    await value(a, send('Hello'));
    const repeated = value(b, send('Hello'));
    await arena.untilBlocked(b);
    await a.sql.unsafe('rollback');
    expect(await repeated).toBe(
      await value(a, `select id from public.messages where client_key = tests.id('key')`),
    );
    expect(await value(a, `select count(*)::int from pgmq.q_sms_priority_queue`)).toBe(1);
  });
});

test('one carrier event, twice at once, is one message', async () => {
  await a.sql.unsafe('begin');
  expect(await value(a, inbound)).toBe('processed');
  const repeated = value(b, inbound);
  await arena.untilBlocked(b);
  await a.sql.unsafe('commit');
  expect(await repeated).toBe('duplicate');
  expect(await value(a, `select count(*)::int from public.messages where provider_message_id = 'IN1'`)).toBe(
    1,
  );
});

describe('a text whose webhook comes while a worker finds it in the log', () => {
  const found = (key: string) =>
    `select tests.found_text('1 minute', '${JSON.stringify({
      ...{ event_key: key, provider_message_id: 'IN1', body: 'Hello' },
    })}') ->> 'outcome'`;
  const texts = `select count(*)::int from public.messages where provider_message_id = 'IN1'`;
  beforeEach(() => value(a, `select tests.age_number('1 day')::text`));

  test('is one message, whoever is first', async () => {
    for (const [first, second] of [
      [inbound, found('IN1')],
      [found('IN1'), inbound],
    ] as const) {
      await a.sql.unsafe('begin');
      expect(await value(a, first)).toBe('processed');
      const repeated = value(b, second);
      await arena.untilBlocked(b);
      await a.sql.unsafe('commit');
      expect(await repeated).toBe('duplicate');
      expect(await value(a, texts)).toBe(1);
      await value(a, 'delete from public.messages');
      await value(a, 'delete from public.webhook_events');
    }
  });

  test('is one message also where the log knows it by another name', async () => {
    await a.sql.unsafe('begin');
    expect(await value(a, found('log:IN1'))).toBe('processed');
    const repeated = value(b, inbound);
    await arena.untilBlocked(b);
    await a.sql.unsafe('commit');
    expect(await repeated).toBe('duplicate');
    expect(await value(a, texts)).toBe(1);
  });

  test('is read out of the log by one worker at a time, and nobody waits', async () => {
    const claim = `select count(*)::int from worker.claim_inbound_looks('w1', 10, 300) c
      where c ->> 'phone_number' = '+12125550100'`;
    await a.sql.unsafe('begin');
    expect(await value(a, claim)).toBe(1);
    expect(await value(b, claim)).toBe(0);
    await a.sql.unsafe('commit');
    expect(await value(b, claim)).toBe(0);
  });
});

test('two first messages of a new customer, at once, are one contact and one thread', async () => {
  const first = (key: string) =>
    `select tests.inbound('{"from": "+14155550123", "event_key": "${key}", "provider_message_id": "${key}"}') ->> 'outcome'`;
  await a.sql.unsafe('begin');
  expect(await value(a, first('A'))).toBe('processed');
  const second = value(b, first('B'));
  await arena.untilBlocked(b);
  await a.sql.unsafe('commit');
  expect(await second).toBe('processed');
  expect(
    await value(
      a,
      `select array_agg(m.sequence order by m.sequence) from public.messages m
       join public.threads t on t.id = m.thread_id join public.contacts c on c.id = t.contact_id
       where c.phone_number = '+14155550123'`,
    ),
  ).toEqual([1, 2]);
});

test('a program and a person who open the same thread end without a deadlock', async () => {
  await value(
    c,
    `insert into public.phone_numbers (id, organization_id, provider_account_id, phone_number)
     values (tests.id('second number'), tests.id('acme'), tests.id('acme account'), '+12125550101')`,
  );
  // A thread refers to its organization and then to its contact: between the two the program has to wait.
  await c.sql.unsafe('begin');
  await c.sql.unsafe(`select from public.organizations where id = tests.id('acme') for update`);
  const enqueuing = value(
    a,
    `select r ->> 'outcome' from tests.enqueue('{"to": "+13125550142", "from": "+12125550101"}') r`,
  );
  await arena.untilBlocked(a);
  const opening = value(
    b,
    as(
      'agent',
      `'select public.open_thread(%L, %L, ''+13125550142'')', tests.id('acme'), tests.id('second number')`,
    ),
  );
  await arena.untilBlocked(b);
  await c.sql.unsafe('commit');
  expect(await enqueuing).toBe('accepted');
  expect(await opening).toBe(
    await value(c, `select id from public.threads where phone_number_id = tests.id('second number')`),
  );
});

test('a new name and a new message of the same customer end without a deadlock', async () => {
  const rename = `select tests.try_as('agent', format('update public.contacts set name = ''Mary'' where id = %L', tests.id('acme contact')))`;
  await a.sql.unsafe('begin');
  await a.sql.unsafe(`select from public.threads where id = tests.id('acme thread') for no key update`);
  const receiving = value(b, inbound);
  await arena.untilBlocked(b);
  const renaming = value(c, rename);
  await arena.untilBlocked(c);
  await a.sql.unsafe('commit');
  expect(await Promise.all([receiving, renaming])).toEqual(['processed', '1 rows']);
});

describe('catching up by cursor', () => {
  const cursor = as('agent', `'select public.inbox_changes(%L) ->> ''cursor''', tests.id('acme')`);
  const changesSince = (since: string) =>
    `select coalesce(array_agg(e ->> 'id' || ' ' || (e ->> 'last_sequence')), '{}')
     from jsonb_array_elements((${as('agent', `'select public.inbox_changes(%L, ''${since}'')', tests.id('acme')`)})::jsonb -> 'threads') e`;

  test('a change that commits late, after a later one was already read, is not missed', async () => {
    await value(c, `select tests.add_thread('late thread', '+14155550101')`);
    await value(c, `select tests.add_thread('early thread', '+14155550102')`);
    await a.sql.unsafe('begin');
    await a.sql.unsafe(`select tests.send('Late', p_thread => 'late thread')`);
    const before = String(await value(b, cursor));
    await c.sql.unsafe(`select tests.send('Early', p_thread => 'early thread')`);

    const late = String(await value(b, `select tests.id('late thread') || ' 1'`));
    const early = String(await value(b, `select tests.id('early thread') || ' 1'`));
    const seenFirst = await value(b, changesSince(before));
    expect(seenFirst).toContain(early);
    expect(seenFirst).not.toContain(late);
    // The reader goes on from after what it has just read.
    const after = String(await value(b, cursor));
    await a.sql.unsafe('commit');
    expect(await value(b, changesSince(after))).toContain(late);
  });

  test('nothing comes again once all of it was read', async () => {
    await a.sql.unsafe(`select tests.send('Hello')`);
    // The cursor stays behind while anybody on the server still writes; then it goes on.
    await expect
      .poll(async () => value(b, changesSince(String(await value(b, cursor)))), { timeout: 20_000 })
      .toEqual([]);
  });
});

describe('membership', () => {
  const updateMember = (who: string, whom: string, change: string) =>
    as(who, `'select public.update_member(%L, %L, ${change})', tests.id('acme'), tests.id('${whom}')`);

  test('two owners cannot remove each other in the same moment', async () => {
    await value(a, `update public.members set role = 'owner' where user_id = tests.id('admin')`);
    await a.sql.unsafe('begin');
    await value(a, updateMember('owner', 'admin', `p_role => ''agent''`));
    const second = value(b, updateMember('admin', 'owner', `p_role => ''agent''`));
    const refused = expect(second).rejects.toMatchObject({ code: 'TL001' });
    await arena.untilBlocked(b);
    await a.sql.unsafe('commit');
    await refused;
    expect(
      await value(
        a,
        `select array_agg(user_id = tests.id('owner')) from public.members
         where organization_id = tests.id('acme') and role = 'owner'`,
      ),
    ).toEqual([true]);
  });

  test('an admin who is being suspended invites nobody any more', async () => {
    await a.sql.unsafe('begin');
    await value(a, updateMember('owner', 'admin', `p_status => ''suspended''`));
    const inviting = value(
      b,
      as(
        'admin',
        `'select token from public.invite_member(%L, ''accomplice@example.com'', ''admin'')', tests.id('acme')`,
      ),
    );
    const refused = expect(inviting).rejects.toMatchObject({ code: 'TL001' });
    await arena.untilBlocked(b);
    await a.sql.unsafe('commit');
    await refused;
  });

  test('two invitations to one address, at once, leave one open', async () => {
    const invite = as(
      'admin',
      `'select token from public.invite_member(%L, ''dora@example.com'', ''agent'')', tests.id('acme')`,
    );
    await a.sql.unsafe('begin');
    await value(a, invite);
    const second = value(b, invite);
    await arena.untilBlocked(b);
    await a.sql.unsafe('commit');
    expect(await second).toMatch(/^[0-9a-f]{64}$/);
    expect(
      await value(
        a,
        `select count(*)::int from public.invitations where email = 'dora@example.com' and revoked_at is null`,
      ),
    ).toBe(1);
  });
});
