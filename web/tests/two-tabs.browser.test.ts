import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { acceptedBodies, customersOf, textUs } from './carrier.ts';
import { accountOf, Desk, whenLive } from './desk.ts';
import { bubble, composer, openThread, send, whenMarked } from './inbox.ts';

const newCustomer = customersOf('720');
let desk: Desk;

beforeAll(async () => {
  desk = await Desk.open();
});
afterEach(() => desk.clear());
afterAll(() => desk.close());

/** One person at one thread in two tabs of one browser. */
async function twoTabs(): Promise<{ customer: string; tab: Page; other: Page }> {
  const tab = await desk.seat(accountOf('agent'));
  const customer = newCustomer();
  await textUs(customer, 'Hello?');
  await openThread(tab, customer);
  return { customer, tab, other: await beside(tab) };
}

async function beside(tab: Page): Promise<Page> {
  const other = await tab.context().newPage();
  await other.goto(tab.url());
  await whenLive(other);
  await composer(other).waitFor();
  return other;
}

const waits = 'Goes out when the connection is back.';

test('what is thrown away in one tab goes out from no other', async () => {
  const { customer, tab, other } = await twoTabs();
  await tab.context().setOffline(true);
  await send(tab, 'Written in anger');
  await bubble(tab, 'Written in anger').getByText(waits).waitFor();
  await bubble(other, 'Written in anger').getByText(waits).waitFor();
  await bubble(other, 'Written in anger').getByRole('button', { name: 'Discard' }).click();
  await bubble(tab, 'Written in anger').waitFor({ state: 'detached' });
  await tab.context().setOffline(false);
  await send(tab, 'Written in peace');
  await whenMarked(tab, 'Written in peace', 'delivered');
  await bubble(other, 'Written in peace').waitFor();
  expect(await acceptedBodies(customer)).toEqual(['Written in peace']);
});

test('what a closed tab had promised goes out from the one that is left', async () => {
  const { customer, tab, other } = await twoTabs();
  await tab.route('**/rpc/send_message', (route) => route.abort('internetdisconnected'));
  await send(tab, 'I will call you');
  await send(tab, 'At nine');
  await bubble(tab, 'At nine').waitFor();
  await tab.close();
  await whenMarked(other, 'I will call you', 'delivered');
  await whenMarked(other, 'At nine', 'delivered');
  expect(await acceptedBodies(customer)).toEqual(['I will call you', 'At nine']);
  expect(await bubble(other, 'I will call you').count()).toBe(1);
});

test('a draft that was sent from one tab is not there to be sent from another', async () => {
  const { tab, other: early } = await twoTabs();
  await composer(tab).fill('Typed once');
  const late = await beside(tab);
  await composer(early).fill('Typed here');
  await composer(tab).fill('Typed once, and finished');
  expect(await composer(late).inputValue()).toBe('Typed once');
  await send(tab, 'Typed once, and finished');
  await bubble(late, 'Typed once, and finished').waitFor();
  expect(await composer(late).inputValue()).toBe('');
  expect(await composer(early).inputValue()).toBe('Typed here');
});
