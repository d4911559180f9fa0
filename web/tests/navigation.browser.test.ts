import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { customersOf, textUs } from './carrier.ts';
import { accountOf, Desk, whenLive } from './desk.ts';
import { bubble, composer, messages, openThread, rowOf } from './inbox.ts';

const newCustomer = customersOf('404');
const phone = { viewport: { width: 390, height: 780 }, hasTouch: true, isMobile: true };
let desk: Desk;

beforeAll(async () => {
  desk = await Desk.open();
});
afterEach(() => desk.clear());
afterAll(() => desk.close());

test('on a phone one pane shows at a time, and going back finds the same place', async () => {
  const page = await desk.seat(accountOf('agent'), phone);
  const list = page.locator('[data-thread-list]');
  const row = page.locator('[data-thread-row]').nth(14);
  await row.scrollIntoViewIfNeeded();
  const place = await list.evaluate((element) => element.scrollTop);
  expect(place).toBeGreaterThan(0);
  await row.click();
  await messages(page).waitFor();
  expect(await page.getByRole('region', { name: 'Inbox' }).isVisible()).toBe(false);
  await page.getByRole('link', { name: 'Back to the inbox' }).click();
  await row.waitFor();
  expect(await messages(page).count()).toBe(0);
  expect(await list.evaluate((element) => element.scrollTop)).toBe(place);
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
});

test('the keyboard alone moves through the list, opens, replies and leaves', async () => {
  const page = await desk.seat(accountOf('agent'));
  const rows = page.locator('[data-thread-row]');
  await page.keyboard.press('j');
  await page.keyboard.press('j');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('k');
  const second = await rows.nth(1).getAttribute('data-thread-row');
  expect(await page.evaluate(() => document.activeElement?.getAttribute('data-thread-row'))).toBe(second);
  await page.keyboard.press('Enter');
  await page.waitForURL(`**/inbox/${second}`);
  await messages(page).waitFor();
  await page.keyboard.press('r');
  await page.keyboard.type('jk?r');
  expect(await composer(page).inputValue()).toBe('jk?r');
  await page.keyboard.press('Escape');
  expect(await page.evaluate(() => document.activeElement?.getAttribute('data-thread-row'))).toBe(second);
  await page.keyboard.press('?');
  await page.getByRole('dialog', { name: 'Keyboard' }).waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await page.keyboard.press('Escape');
  await page.waitForURL('**/inbox');
});

test('rows stay put under the pointer, and what is new waits behind a button', async () => {
  const page = await desk.seat(accountOf('agent'));
  const rows = page.locator('[data-thread-row]');
  await rows.nth(3).hover();
  const before = await rows.evaluateAll((all) => all.map((row) => row.getAttribute('data-thread-row')));
  const customer = newCustomer();
  await textUs(customer, 'Jump the queue');
  await page.getByRole('button', { name: '1 new' }).waitFor();
  const held = await rows.evaluateAll((all) => all.map((row) => row.getAttribute('data-thread-row')));
  expect(held).toEqual(before);
  await page.getByRole('button', { name: '1 new' }).click();
  await rows.first().getByText('Jump the queue').waitFor();
});

test('the list goes on while it is scrolled', async () => {
  const page = await desk.seat(accountOf('agent'));
  for (let index = 0; index < 55; index += 1) await textUs(newCustomer(), `Row ${index}`);
  await page.reload();
  await whenLive(page);
  const rows = page.locator('[data-thread-row]');
  expect(await rows.count()).toBe(50);
  await rows.last().scrollIntoViewIfNeeded();
  await rows.nth(50).waitFor({ state: 'attached' });
  const ids = await rows.evaluateAll((all) => all.map((row) => row.getAttribute('data-thread-row')));
  expect(new Set(ids).size).toBe(ids.length);
});

test('the address of a thread can be pasted, and arrives with its messages in the first answer', async () => {
  const page = await desk.seat(accountOf('agent'));
  const customer = newCustomer();
  await textUs(customer, 'Read me before any script');
  await openThread(page, customer);
  const plain = await desk.window({
    javaScriptEnabled: false,
    storageState: await page.context().storageState(),
  });
  await plain.goto(page.url());
  await bubble(plain, 'Read me before any script').waitFor();
});

test('a thread that does not exist says so without leaving the inbox', async () => {
  const page = await desk.seat(accountOf('agent'));
  const answer = await page.goto(`${page.url()}/01a00000-0000-7000-8000-000000000000`);
  expect(answer?.status()).toBe(404);
  const nonsense = await page.goto(page.url().replace(/[^/]+$/, 'not-an-id'));
  expect(nonsense?.status()).toBe(404);
});

test('a thread that did not load says so, offers another try, and comes by itself', async () => {
  const page = await desk.seat(accountOf('agent'));
  const customer = newCustomer();
  await textUs(customer, 'Worth the wait');
  await rowOf(page, customer).waitFor();
  await page.route('**/rpc/thread_messages', (route) => route.abort('connectionreset'));
  await rowOf(page, customer).click();
  await page.getByText('The conversation did not load').waitFor();
  await page.getByRole('button', { name: 'Try again' }).waitFor();
  await page.unroute('**/rpc/thread_messages');
  await bubble(page, 'Worth the wait').waitFor();
});

test('the tab says how many conversations are unread', async () => {
  const page = await desk.seat(accountOf('admin'));
  const unread = async () => Number(/^\((\d+)\)/.exec(await page.title())?.[1] ?? 0);
  const before = await unread();
  const customer = newCustomer();
  await textUs(customer, 'One more');
  await rowOf(page, customer).waitFor();
  expect(await unread()).toBe(before + 1);
});
