import { randomUUID } from 'node:crypto';
import { formatPhoneNumber } from '@threadline/messaging/phone-number';
import type { Locator, Page, Request } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { acceptedBodies, customersOf } from './carrier.ts';
import { accountOf, Desk, whenLive } from './desk.ts';
import { Engine, noAnswer, refusedForNow } from './engine.ts';
import { bubble, whenMarked } from './inbox.ts';

const newCustomer = customersOf('503');
let desk: Desk;
let engine: Engine;

beforeAll(async () => {
  engine = new Engine();
  desk = await Desk.open();
});
afterEach(() => desk.clear());
afterAll(async () => {
  await desk.close();
  await engine.close();
});

async function openDelivery(page: Page, tab?: 'Decisions' | 'Dead letters'): Promise<void> {
  await page.getByRole('link', { name: /^Delivery/ }).click();
  await page.getByText('Up to date').waitFor();
  const tabs = page.getByRole('navigation', { name: 'Delivery' });
  if (tab !== undefined) await tabs.getByRole('link', { name: tab }).click();
}

function card(page: Page, jobId: string): Locator {
  return page.locator(`[data-unknown="${jobId}"]`);
}

/** A message of which nobody knows whether it arrived. */
async function somethingInDoubt(customer: string, body: string): Promise<string> {
  const jobId = await engine.send(customer, body, noAnswer);
  await engine.leaveInDoubt(jobId);
  return jobId;
}

test('an agent finds no way to Delivery, and is told so at its address', async () => {
  const page = await desk.seat(accountOf('agent'));
  expect(await page.getByRole('link', { name: 'Delivery' }).count()).toBe(0);
  for (const place of ['delivery', 'delivery/decisions', 'delivery/dead-letters']) {
    await page.goto(page.url().replace(/(inbox|delivery.*)$/, place));
    await page.getByText('Delivery is for owners and admins').waitFor();
  }
});

test('an alert shows on the open screen and in the navigation, is acknowledged, and goes when it is over', async () => {
  const page = await desk.seat(accountOf('admin'));
  await openDelivery(page);
  const subject = randomUUID();
  await engine.openAlert('account_paused', 'critical', subject, { reason: 'account_unauthorized' });
  const alert = page.locator('[data-alert="account_paused"]').filter({ hasText: 'rejects our sign-in' });
  await alert.getByText('What to do:').waitFor();
  await page.locator('[data-trouble="critical"]').waitFor();
  await alert.getByRole('button', { name: 'I know of it' }).click();
  await alert.getByText('It stays here until it is over').waitFor();
  await page.locator('[data-trouble="critical"]').waitFor({ state: 'detached' });
  await engine.closeAlert('account_paused', subject);
  await alert.waitFor({ state: 'detached' });
  await page.locator('[data-alert-history]').getByText('was paused').first().waitFor();
});

test('an alert about one message leads to its conversation, and is over once somebody knows', async () => {
  const jobId = await engine.send(newCustomer(), 'This went out all the same', refusedForNow);
  await engine.openAlert('sent_after_recall', 'critical', jobId, { job_id: jobId });
  const page = await desk.seat(accountOf('admin'));
  await openDelivery(page);
  const alert = page.locator('[data-alert="sent_after_recall"]');
  await alert.getByRole('button', { name: 'Open the conversation' }).click();
  await bubble(page, 'This went out all the same').waitFor();
  await openDelivery(page);
  await alert.getByRole('button', { name: 'I know of it' }).click();
  await alert.waitFor({ state: 'detached' });
});

test('a text to a number that is not set up is told, and comes in once it is', async () => {
  const customer = newCustomer();
  const page = await desk.seat(accountOf('admin'));
  await openDelivery(page);
  const number = await engine.textUnknownNumber(customer, 'Is anybody there?');
  await engine.sweep();
  const alert = page.locator('[data-alert="events_failed"]').filter({ hasText: formatPhoneNumber(number) });
  await alert.getByRole('button', { name: 'Try again' }).click();
  await page.getByText('1 event failed again.').waitFor();
  await engine.withNumber(number, async () => {
    await alert.getByRole('button', { name: 'Try again' }).click();
    await page.getByText('This closes within').waitFor();
  });
  await page.getByRole('link', { name: 'Inbox' }).click();
  await page.getByText('Is anybody there?').first().waitFor();
  await engine.sweep();
  await openDelivery(page);
  await alert.waitFor({ state: 'detached' });
});

test('what arrived after all is marked as sent, and the thread says so', async () => {
  const customer = newCustomer();
  const jobId = await somethingInDoubt(customer, 'Did this arrive?');
  const page = await desk.seat(accountOf('admin'));
  await page.locator('[data-trouble]').waitFor();
  await openDelivery(page, 'Decisions');
  await card(page, jobId).getByRole('button', { name: 'It arrived' }).click();
  await card(page, jobId).getByText('Marked as arrived.').waitFor();
  await card(page, jobId).getByRole('link', { name: 'See the conversation' }).click();
  await whenMarked(page, 'Did this arrive?', 'sent');
  expect(await acceptedBodies(customer)).toEqual([]);
});

test('what did not arrive is sent again once somebody has confirmed it', async () => {
  const customer = newCustomer();
  const jobId = await somethingInDoubt(customer, 'Please call us back');
  const page = await desk.seat(accountOf('owner'));
  await openDelivery(page, 'Decisions');
  await card(page, jobId).getByRole('button', { name: 'send again' }).click();
  await page.getByRole('alertdialog').getByText('gets it twice').waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('alertdialog').waitFor({ state: 'detached' });
  await card(page, jobId).getByRole('button', { name: 'send again' }).click();
  await page.getByRole('alertdialog').getByRole('button', { name: 'Send again' }).click();
  await card(page, jobId).getByText('Sent again, as a new message.').waitFor();
  await card(page, jobId).getByRole('link', { name: 'See the conversation' }).click();
  await whenMarked(page, 'Please call us back', 'failed');
  await whenMarked(page, 'Please call us back', 'delivered');
  expect(await acceptedBodies(customer)).toEqual(['Please call us back']);
});

test('a decision a colleague took first is shown where the message stood', async () => {
  const jobId = await somethingInDoubt(newCustomer(), 'Two people look at this');
  const [olivia, marcus] = await Promise.all([desk.seat(accountOf('owner')), desk.seat(accountOf('admin'))]);
  await openDelivery(olivia, 'Decisions');
  await openDelivery(marcus, 'Decisions');
  await card(marcus, jobId).waitFor();
  await card(olivia, jobId).getByRole('button', { name: 'leave it' }).click();
  await card(olivia, jobId).getByText('Marked as not sent').waitFor();
  await card(marcus, jobId).getByText('Settled in the meantime.').waitFor();
});

test('new decisions wait to be let in, so that nothing moves under the hand', async () => {
  const first = await somethingInDoubt(newCustomer(), 'There from the start');
  const page = await desk.seat(accountOf('admin'));
  await openDelivery(page, 'Decisions');
  await card(page, first).waitFor();
  const second = await somethingInDoubt(newCustomer(), 'Came later');
  await page.getByRole('button', { name: 'new: show' }).click();
  await card(page, second).waitFor();
  expect(await card(page, first).count()).toBe(1);
});

test('a dead letter says why, is replayed and delivered', async () => {
  const customer = newCustomer();
  const jobId = await engine.send(customer, 'Your table is ready', refusedForNow);
  const page = await desk.seat(accountOf('admin'));
  await openDelivery(page, 'Dead letters');
  const letter = page.locator(`[data-letter="${jobId}"]`);
  await letter.getByText('The carrier could not be reached.').waitFor();
  await letter.getByText('What was tried').click();
  await letter.getByText('Refused, not sent').waitFor();
  await letter.getByRole('checkbox').check();
  await page.getByRole('button', { name: 'Send again' }).click();
  await page.getByRole('alertdialog').getByText('goes out as a new message').waitFor();
  await page.getByRole('alertdialog').getByRole('button', { name: 'Send again' }).click();
  await page.locator('[data-replay-summary]').getByText('1 sent again').waitFor();
  await letter.getByText('Sent again, as a new message.').waitFor();
  await letter.getByRole('link', { name: 'See the conversation' }).click();
  await whenMarked(page, 'Your table is ready', 'delivered');
  expect(await acceptedBodies(customer)).toEqual(['Your table is ready']);
});

test('all of one kind are replayed beyond what is on the screen, and refusals are counted', async () => {
  const code = `kind-${randomUUID()}`;
  const other = await engine.send(newCustomer(), 'Of another kind', refusedForNow);
  const customers = Array.from({ length: 30 }, newCustomer);
  const reason = { ...refusedForNow, error_code: code, error_text: `Out of paper ${code}` };
  for (const customer of customers) await engine.send(customer, `Bulk ${code}`, reason);
  const optedOut = customers[0] ?? '';
  await engine.optOut(optedOut);
  const page = await desk.seat(accountOf('admin'));
  await openDelivery(page, 'Dead letters');
  await page.getByRole('button', { name: `Out of paper ${code} 30` }).click();
  await page.locator(`[data-letter="${other}"]`).waitFor({ state: 'detached' });
  await page.locator('[data-letter]').nth(24).waitFor();
  await page.getByLabel('Choose all').check();
  await page.getByRole('button', { name: 'Take all 30 of this kind' }).click();
  await page.getByRole('button', { name: 'Send again' }).click();
  await page.getByRole('alertdialog', { name: 'Send 30 messages again?' }).waitFor();
  await page.getByRole('alertdialog').getByRole('button', { name: 'Send again' }).click();
  await page.locator('[data-replay-summary]').getByText('29 sent again, 1 refused').waitFor();
  expect(await acceptedBodies(optedOut)).toEqual([]);
});

test('more of all kinds does not come into a list that was narrowed to one meanwhile', async () => {
  const code = `kind-${randomUUID()}`;
  const filler = { ...refusedForNow, error_code: `kind-${randomUUID()}` };
  const oldest = await engine.send(newCustomer(), 'Further down', filler);
  for (const customer of Array.from({ length: 25 }, newCustomer))
    await engine.send(customer, 'Filler', filler);
  const reason = { ...refusedForNow, error_code: code, error_text: `Out of ink ${code}` };
  const one = await engine.send(newCustomer(), 'The only one of its kind', reason);
  const page = await desk.seat(accountOf('admin'));
  await openDelivery(page, 'Dead letters');
  let letGo: () => void = () => undefined;
  const held = new Promise((resolve) => (letGo = () => resolve(null)));
  const isNextPage = (request: Request) =>
    /dead_letters\b.*"p_before_id":"/.test(`${request.url()} ${request.postData()}`);
  await page.route('**/dead_letters', async (route) => {
    if (isNextPage(route.request())) await held;
    await route.continue();
  });
  const nextPage = page.waitForResponse((answer) => isNextPage(answer.request()));
  await page.getByRole('button', { name: 'Show more' }).click();
  await page.getByRole('button', { name: `Out of ink ${code} 1` }).click();
  await page.locator('[data-letter]').nth(1).waitFor({ state: 'detached' });
  letGo();
  await (await nextPage).finished();
  // What the page makes of the answer, it does at once.
  await page.waitForTimeout(250);
  await page.getByLabel('Choose all').check();
  await page.getByText('1 chosen').waitFor();
  expect(await page.locator(`[data-letter="${one}"]`).count()).toBe(1);
  expect(await page.locator(`[data-letter="${oldest}"]`).count()).toBe(0);
});

test('a list that cannot be read says so, offers nothing to do, and can be tried again', async () => {
  const jobId = await engine.send(newCustomer(), 'Behind a wall', refusedForNow);
  const page = await desk.seat(accountOf('admin'));
  await page.route('**/dead_letters**', (route) => route.abort());
  await openDelivery(page, 'Dead letters');
  const again = page.getByRole('button', { name: 'Try again' });
  await again.waitFor();
  expect(await page.getByLabel('Choose all').count()).toBe(0);
  await page.unroute('**/dead_letters**');
  await again.click();
  await page.locator(`[data-letter="${jobId}"]`).waitFor();
  expect(await again.count()).toBe(0);
});

test('a dead letter can be left unsent', async () => {
  const customer = newCustomer();
  const jobId = await engine.send(customer, 'Too late for this one', refusedForNow);
  const page = await desk.seat(accountOf('admin'));
  await openDelivery(page, 'Dead letters');
  const letter = page.locator(`[data-letter="${jobId}"]`);
  await letter.getByRole('checkbox').check();
  await page.getByRole('button', { name: 'Leave unsent' }).click();
  await page.getByRole('alertdialog').getByText('cannot be undone').waitFor();
  await page.getByRole('alertdialog').getByRole('button', { name: 'Leave unsent' }).click();
  await letter.getByText('Left unsent.').waitFor();
  await page.getByRole('button', { name: 'Clear 1 settled row' }).click();
  await letter.waitFor({ state: 'detached' });
  expect(await acceptedBodies(customer)).toEqual([]);
});

test('what waits in the queue is seen without a reload', async () => {
  const page = await desk.seat(accountOf('admin'));
  await openDelivery(page);
  const scheduled = page.locator('[data-figure="scheduled"]');
  const before = Number(await scheduled.locator('dd').first().innerText());
  await engine.schedule(newCustomer(), 'Next month');
  await scheduled.getByText(String(before + 1), { exact: true }).waitFor();
});

test('an admin chooses what may be sent again by itself', async () => {
  const page = await desk.seat(accountOf('admin'));
  await openDelivery(page, 'Decisions');
  const urgent = page.getByRole('checkbox', { name: 'Urgent' });
  await urgent.check();
  await page.getByText('Urgent messages in doubt now go out again by themselves.').waitFor();
  await page.reload();
  await whenLive(page);
  await expect.poll(() => urgent.isChecked()).toBe(true);
  await urgent.uncheck();
  await page.getByText('Urgent messages in doubt now wait for you.').waitFor();
});

test('figures that cannot be looked at again say how old they are', async () => {
  const page = await desk.seat(accountOf('admin'));
  await openDelivery(page);
  await page.route('**/rpc/queue_health', (route) => route.abort());
  await page.locator('[data-stale]').getByText('These figures are from').waitFor({ timeout: 30_000 });
  await page.unroute('**/rpc/queue_health');
  await page.getByRole('button', { name: 'Look again' }).click();
  await page.getByText('Up to date').waitFor();
});

test('a message sent faster than allowed says when it goes out', async () => {
  const customer = newCustomer();
  const page = await desk.seat(accountOf('agent'));
  const threadId = await engine.delay(customer, 'Not so fast');
  await page.goto(`${page.url()}/${threadId}`);
  await bubble(page, 'Not so fast').getByText('faster than your organization allows').waitFor();
});
