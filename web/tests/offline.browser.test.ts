import type { Page, Route, WebSocketRoute } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { acceptedBodies, customersOf, textUs } from './carrier.ts';
import { accountOf, Desk, stack, whenLive } from './desk.ts';
import { bubble, composer, openThread, rowOf, send, whenMarked } from './inbox.ts';

const newCustomer = customersOf('303');
let desk: Desk;

beforeAll(async () => {
  desk = await Desk.open();
});
afterEach(() => desk.clear());
afterAll(() => desk.close());

/** Puts a switch into a page's Realtime sockets. Takes effect with the next page load. */
async function interceptRealtime(page: Page) {
  let isCut = false;
  const open = new Set<WebSocketRoute>();
  const joins: string[] = [];
  await page.routeWebSocket(/\/realtime\/v1\/websocket/, (socket) => {
    if (isCut) {
      void socket.close({ code: 1012 });
      return;
    }
    const server = socket.connectToServer();
    open.add(socket);
    socket.onMessage((frame) => {
      if (typeof frame === 'string' && frame.includes('"phx_join"')) joins.push(frame);
      server.send(frame);
    });
    server.onMessage((frame) => socket.send(frame));
  });
  return {
    async cut(): Promise<void> {
      isCut = true;
      await Promise.all([...open].map((socket) => socket.close({ code: 1012 })));
      open.clear();
    },
    mend(): void {
      isCut = false;
    },
    /** What the server does when it ends one channel and leaves the socket open. */
    closeChannels(): void {
      for (const join of joins.splice(0)) {
        const [joinReference, , topic] = JSON.parse(join) as [string, string, string];
        for (const socket of open)
          socket.send(JSON.stringify([joinReference, joinReference, topic, 'phx_close', {}]));
      }
    },
    joins,
  };
}

test('what is sent offline waits in sight and goes out once, in order, after the return', async () => {
  const page = await desk.seat(accountOf('agent'));
  const customer = newCustomer();
  await textUs(customer, 'Can you call me?');
  await openThread(page, customer);
  await page.context().setOffline(true);
  await page.getByText('Offline. What you send now goes out when you are back.').waitFor();
  await send(page, 'First, from a tunnel');
  await send(page, 'Second, from a tunnel');
  await bubble(page, 'First, from a tunnel').getByText('Goes out when the connection is back.').waitFor();
  expect(await acceptedBodies(customer)).toEqual([]);
  await page.context().setOffline(false);
  await whenMarked(page, 'Second, from a tunnel', 'delivered');
  expect(await acceptedBodies(customer)).toEqual(['First, from a tunnel', 'Second, from a tunnel']);
  expect(await bubble(page, 'from a tunnel').count()).toBe(2);
});

test('an answer that was lost on the way back does not make a message go out twice', async () => {
  const page = await desk.seat(accountOf('agent'));
  const customer = newCustomer();
  await textUs(customer, 'Hello?');
  await openThread(page, customer);
  let isLost = true;
  await page.route('**/rpc/send_message', async (route) => {
    // The database has done its work; the browser never hears of it.
    await route.fetch();
    if (isLost) await route.abort('connectionreset');
    else await route.continue();
  });
  await send(page, 'Only once, please');
  await bubble(page, 'Only once, please').waitFor();
  isLost = false;
  await whenMarked(page, 'Only once, please', 'delivered');
  await page.getByText('Goes out when the connection is back.').waitFor({ state: 'detached' });
  expect(await acceptedBodies(customer)).toEqual(['Only once, please']);
  expect(await bubble(page, 'Only once, please').count()).toBe(1);
});

test('a message whose answer never comes is asked for again, and goes out once', async () => {
  const page = await desk.seat(accountOf('agent'));
  const customer = newCustomer();
  await textUs(customer, 'Hello?');
  await openThread(page, customer);
  const hanging: Route[] = [];
  await page.route('**/rpc/send_message', async (route) => {
    if (hanging.length > 0) return route.continue();
    hanging.push(route);
    // The database has done its work; the line dies without a word.
    await route.fetch();
  });
  await send(page, 'Is this line dead?');
  await send(page, 'Next in line');
  await bubble(page, 'Next in line').locator('[data-status="delivered"]').waitFor({ timeout: 40_000 });
  expect(await acceptedBodies(customer)).toEqual(['Is this line dead?', 'Next in line']);
  expect(await bubble(page, 'Is this line dead?').count()).toBe(1);
});

test('a message left unsent when the page is closed goes out at the next visit', async () => {
  const page = await desk.seat(accountOf('agent'));
  const customer = newCustomer();
  await textUs(customer, 'Hello?');
  await openThread(page, customer);
  await page.route('**/rpc/send_message', (route) => route.abort('internetdisconnected'));
  await send(page, 'Before lunch');
  await bubble(page, 'Before lunch').getByText('Goes out when the connection is back.').waitFor();
  await page.unroute('**/rpc/send_message');
  await page.reload();
  await whenMarked(page, 'Before lunch', 'delivered');
  expect(await acceptedBodies(customer)).toEqual(['Before lunch']);
});

test('a refused message stays with its reason and can be sent again', async () => {
  const page = await desk.seat(accountOf('agent'));
  const customer = newCustomer();
  await textUs(customer, 'Hello?');
  await openThread(page, customer);
  const refusal = { code: 'TL104', message: 'This number is switched off', details: null, hint: null };
  await page.route('**/rpc/send_message', (route) => route.fulfill({ status: 400, json: refusal }), {
    times: 1,
  });
  await send(page, 'In a hurry');
  await bubble(page, 'In a hurry').getByText('Not sent. This number is switched off.').waitFor();
  await bubble(page, 'In a hurry').getByRole('button', { name: 'Retry' }).click();
  await whenMarked(page, 'In a hurry', 'delivered');
  expect(await acceptedBodies(customer)).toEqual(['In a hurry']);
});

test('without Realtime nothing is missed, and everything is live again after', async () => {
  const page = await desk.seat(accountOf('agent'));
  const realtime = await interceptRealtime(page);
  await page.reload();
  await whenLive(page);
  const customer = newCustomer();
  await textUs(customer, 'Before the cut');
  await openThread(page, customer);
  await realtime.cut();
  await textUs(customer, 'During the cut');
  await page.getByText('Reconnecting…').waitFor();
  await bubble(page, 'During the cut').waitFor();
  await rowOf(page, customer).getByText('During the cut').waitFor();
  realtime.mend();
  await page.getByText('Caught up').waitFor();
  await textUs(customer, 'After the cut');
  await bubble(page, 'After the cut').waitFor();
  expect(await bubble(page, 'the cut').count()).toBe(3);
});

test('a channel that the server closes is joined again', async () => {
  const page = await desk.seat(accountOf('agent'));
  const realtime = await interceptRealtime(page);
  await page.reload();
  await whenLive(page);
  const customer = newCustomer();
  await textUs(customer, 'Hello');
  await openThread(page, customer);
  realtime.closeChannels();
  await page.locator('[data-live="lost"]').waitFor({ state: 'attached' });
  await whenLive(page);
  expect(realtime.joins.length).toBe(2);
  await textUs(customer, 'Still there?');
  await bubble(page, 'Still there?').waitFor();
});

test('the page outlives the web server', async () => {
  const page = await desk.seat(accountOf('agent'));
  const customer = newCustomer();
  await textUs(customer, 'Is your site down?');
  await rowOf(page, customer).waitFor();
  await page.route(`${stack.webUrl}/**`, (route) => route.abort('connectionrefused'));
  await openThread(page, customer);
  await send(page, 'Only the web server is');
  await whenMarked(page, 'Only the web server is', 'delivered');
  await textUs(customer, 'I see');
  await bubble(page, 'I see').waitFor();
  await rowOf(page, customer).click();
  await composer(page).waitFor();
});
