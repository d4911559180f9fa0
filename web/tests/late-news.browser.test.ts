import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { customersOf, textUs } from './carrier.ts';
import { accountOf, Desk, whenLive } from './desk.ts';
import { Engine } from './engine.ts';
import { openThread, rowOf } from './inbox.ts';

const newCustomer = customersOf('505');
let desk: Desk;
let engine: Engine;

beforeAll(async () => {
  desk = await Desk.open();
  engine = new Engine();
});
afterEach(() => desk.clear());
afterAll(() => Promise.all([desk.close(), engine.close()]));

function isLook(url: string): boolean {
  return url.endsWith('/rpc/inbox_changes');
}

/** The database's answer to the first look that begins after the page was told of this customer. */
function lookAfterHint(page: Page, customer: string): Promise<string> {
  const answered = Promise.withResolvers<string>();
  let isTold = false;
  page.on('websocket', (socket) => {
    socket.on('framereceived', ({ payload }) => {
      if (payload.includes('threads_changed') && payload.includes(customer)) isTold = true;
    });
  });
  page.on('request', (request) => {
    if (!isTold || !isLook(request.url())) return;
    void request.response().then(async (response) => answered.resolve((await response?.text()) ?? ''));
  });
  return answered.promise;
}

test('a first text that is announced before the database shows it appears once it does', async () => {
  const page = await desk.seat(accountOf('agent'));
  const customer = newCustomer();
  const tooEarly = lookAfterHint(page, customer);
  // Two looks belong to the join; from then on it takes a hint to make the page ask.
  let looks = 0;
  const isSettled = page.waitForResponse((answer) => isLook(answer.url()) && ++looks === 2);
  await page.reload();
  await isSettled;
  let texted: Promise<void> | undefined;
  await engine.withUnseenCommits(async () => {
    texted = textUs(customer, 'Too early');
    expect(await tooEarly).toMatch(/"threads": *\[\]/);
    expect(await rowOf(page, customer).count()).toBe(0);
  });
  await texted;
  await rowOf(page, customer).getByText('1 unread').waitFor({ timeout: 5000 });
});

test('what was read on a bad line is told to my other tabs when the line is back', async () => {
  const here = await desk.seat(accountOf('agent'));
  const there = await here.context().newPage();
  await there.goto(here.url());
  await whenLive(there);
  const customer = newCustomer();
  await textUs(customer, 'Read on a train');
  await rowOf(there, customer).getByText('1 unread').waitFor();
  let attempts = 0;
  await here.route('**/rpc/mark_thread_read', async (route) => {
    attempts += 1;
    if (attempts > 2) await route.continue();
    else await route.abort('connectionreset');
  });
  await openThread(here, customer);
  await rowOf(there, customer).getByText('1 unread').waitFor({ state: 'detached' });
  expect(attempts).toBeGreaterThan(2);
});
