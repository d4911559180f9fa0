import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { acceptedBodies, customersOf, textUs } from './carrier.ts';
import { accountOf, Desk, whenLive } from './desk.ts';
import { Engine } from './engine.ts';
import { bubble, composer, messages, openThread, rowOf, send, whenMarked } from './inbox.ts';

const newCustomer = customersOf('206');
/** A green square of ten by ten pixels. */
const picture =
  'data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAoAAAAKCAYAAACNMs+9AAAAFUlEQVR42mNk+M9Qz0AEYBxVSF+FABJADveWkH6oAAAAAElFTkSuQmCC';
let desk: Desk;

beforeAll(async () => {
  desk = await Desk.open();
});
afterEach(() => desk.clear());
afterAll(() => desk.close());

test('a customer who writes appears in the list and in the open thread by themselves', async () => {
  const page = await desk.seat(accountOf('agent'));
  const customer = newCustomer();
  await textUs(customer, 'Are you open today?');
  await rowOf(page, customer).getByText('Are you open today?').waitFor();
  await openThread(page, customer);
  await bubble(page, 'Are you open today?').waitFor();
  await textUs(customer, 'And tomorrow?');
  await bubble(page, 'And tomorrow?').waitFor();
  await rowOf(page, customer).getByText('And tomorrow?').waitFor();
  await page
    .getByRole('status')
    .getByText('New message from', { exact: false })
    .waitFor({ state: 'attached' });
});

test('pictures arrive in the thread and can be enlarged', async () => {
  const page = await desk.seat(accountOf('agent'));
  const customer = newCustomer();
  await textUs(customer, 'Two pictures', [picture, picture]);
  await openThread(page, customer);
  const pictures = bubble(page, 'Two pictures').getByRole('button', { name: 'Enlarge the picture' });
  await pictures.nth(1).waitFor();
  await pictures.first().click();
  await page.getByRole('dialog', { name: 'Picture' }).getByRole('img').waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
});

test('who prefers it sends with Ctrl Enter and breaks lines with Enter', async () => {
  const page = await desk.seat(accountOf('agent'));
  const customer = newCustomer();
  await textUs(customer, 'Hello');
  await page.getByRole('link', { name: 'Settings' }).click();
  await page.getByRole('link', { name: 'Preferences' }).click();
  await page.getByLabel('Ctrl Enter').check();
  await page.getByRole('link', { name: 'Inbox' }).click();
  await openThread(page, customer);
  await composer(page).fill('First line');
  await composer(page).press('Enter');
  await composer(page).pressSequentially('second line');
  expect(await composer(page).inputValue()).toBe('First line\nsecond line');
  await composer(page).press('Control+Enter');
  await whenMarked(page, 'second line', 'delivered');
  expect(await acceptedBodies(customer)).toEqual(['First line\nsecond line']);
});

test('a reply goes out once and is marked delivered when the carrier says so', async () => {
  const page = await desk.seat(accountOf('agent'));
  const customer = newCustomer();
  await textUs(customer, 'Hello');
  await openThread(page, customer);
  await send(page, 'Hello, how can we help?');
  await whenMarked(page, 'Hello, how can we help?', 'delivered');
  expect(await acceptedBodies(customer)).toEqual(['Hello, how can we help?']);
  await rowOf(page, customer).getByText('You:').waitFor();
  expect(await composer(page).inputValue()).toBe('');
});

test('two colleagues see the same thread move, and who wrote', async () => {
  const ann = await desk.seat(accountOf('agent'));
  const ben = await desk.seat(accountOf('agent', 1));
  const customer = newCustomer();
  await textUs(customer, 'Is anybody there?');
  await openThread(ann, customer);
  await openThread(ben, customer);
  await send(ann, 'Ann is.');
  await whenMarked(ben, 'Ann is.', 'delivered');
  await send(ben, 'So is Ben.');
  await whenMarked(ann, 'So is Ben.', 'delivered');
  expect(await bubble(ann, 'So is Ben.').innerText()).toContain('Ben');
});

test('reading here clears the unread badge in another tab of mine but not of a colleague', async () => {
  const here = await desk.seat(accountOf('agent'));
  const there = await here.context().newPage();
  await there.goto(here.url());
  const colleague = await desk.seat(accountOf('agent', 1));
  const customer = newCustomer();
  await textUs(customer, 'One unread');
  for (const page of [there, colleague]) await rowOf(page, customer).getByText('1 unread').waitFor();
  await openThread(here, customer);
  await rowOf(there, customer).getByText('1 unread').waitFor({ state: 'detached' });
  expect(await rowOf(colleague, customer).getByText('1 unread').count()).toBe(1);
});

test('what was read stays read, also when an answer from before is still on its way', async () => {
  const here = await desk.seat(accountOf('agent'));
  const there = await here.context().newPage();
  const late = Promise.withResolvers<undefined>();
  let unreadAnswer: string | null = null;
  let isSlow = false;
  await there.route('**/rpc/inbox_changes', async (route) => {
    if (isSlow && unreadAnswer !== null) {
      // What the database said before it was read arrives after it.
      await late.promise;
      await route.fulfill({ contentType: 'application/json', body: unreadAnswer });
      return;
    }
    const response = await route.fetch();
    const body = await response.text();
    if (body.includes('Read while you looked')) unreadAnswer = body;
    await route.fulfill({ response, body });
  });
  await there.goto(here.url());
  await whenLive(there);
  const customer = newCustomer();
  await textUs(customer, 'Read while you looked');
  await rowOf(there, customer).getByText('1 unread').waitFor();
  expect(unreadAnswer).toMatch(/"unread_count": *1/);
  isSlow = true;
  const isAsked = there.waitForRequest('**/rpc/inbox_changes');
  await there.evaluate(() => window.dispatchEvent(new Event('online')));
  await isAsked;
  await openThread(here, customer);
  await rowOf(there, customer).getByText('1 unread').waitFor({ state: 'detached' });
  const isAnswered = there.waitForResponse('**/rpc/inbox_changes');
  late.resolve(undefined);
  await (await isAnswered).finished();
  // Nothing else says that it was worked in; without the marker of this tab the badge was back by then.
  await there.waitForTimeout(300);
  expect(await rowOf(there, customer).getByText('1 unread').count()).toBe(0);
});

test('somebody who opted out cannot be written to until they return', async () => {
  const page = await desk.seat(accountOf('agent'));
  const customer = newCustomer();
  await textUs(customer, 'Hi');
  await openThread(page, customer);
  await composer(page).waitFor();
  await textUs(customer, 'STOP');
  await page.getByText('has opted out of texts').waitFor();
  await page.getByText('by texting START').waitFor();
  expect(await composer(page).count()).toBe(0);
  await rowOf(page, customer).getByText('Opted out').waitFor();
  await textUs(customer, 'START');
  await composer(page).waitFor();
});

test('a new conversation needs a number that can exist', async () => {
  const page = await desk.seat(accountOf('agent'));
  await page.getByRole('button', { name: 'New conversation' }).first().click();
  const dialog = page.getByRole('dialog');
  for (const [typed, answer] of [
    ['', 'Type a phone number.'],
    ['call me', 'This is not a phone number.'],
    ['312 555', 'This number is too short.'],
    ['(000) 000-0000', 'No such number can exist.'],
  ] as const) {
    await dialog.getByLabel('To').fill(typed);
    await dialog.getByRole('button', { name: 'Start' }).click();
    await dialog.getByText(answer).waitFor();
  }
  const customer = newCustomer();
  await dialog.getByLabel('To').fill(customer.slice(2));
  await dialog.getByLabel('Name (optional)').fill('Zoe Quinn');
  await dialog.getByRole('button', { name: 'Start' }).click();
  await page.getByRole('heading', { name: 'Zoe Quinn' }).waitFor();
  await send(page, 'Hello Zoe');
  await whenMarked(page, 'Hello Zoe', 'delivered');
  expect(await acceptedBodies(customer)).toEqual(['Hello Zoe']);
});

test('the counter names the character that makes a message cost more, and the limit is enforced', async () => {
  const page = await desk.seat(accountOf('agent'));
  const customer = newCustomer();
  await textUs(customer, 'Hi');
  await openThread(page, customer);
  const counter = page.locator('[data-segments]');
  await composer(page).fill('a'.repeat(142));
  expect(await counter.innerText()).toBe('142/160 · 1 segment');
  await composer(page).fill('Sure – see you');
  expect(await counter.innerText()).toMatch(/^14\/70 · 1 segment\s+–\s+leaves less room$/);
  await composer(page).fill('a'.repeat(1601));
  await page.getByText('1 character too long. The limit is 1600.').waitFor();
  expect(await page.getByRole('button', { name: 'Send' }).isDisabled()).toBe(true);
  await composer(page).fill('   ');
  expect(await page.getByRole('button', { name: 'Send' }).isDisabled()).toBe(true);
});

test('a draft waits in its thread', async () => {
  const page = await desk.seat(accountOf('agent'));
  const [first, second] = [newCustomer(), newCustomer()];
  await textUs(first, 'First');
  await textUs(second, 'Second');
  await openThread(page, first);
  await composer(page).fill('Half a thou');
  await openThread(page, second);
  expect(await composer(page).inputValue()).toBe('');
  await rowOf(page, first).getByText('Draft:').waitFor();
  await openThread(page, first);
  await page.reload();
  await whenLive(page);
  expect(await composer(page).inputValue()).toBe('Half a thou');
});

test('older messages come while scrolling up, and nothing jumps', async () => {
  const page = await desk.seat(accountOf('agent'));
  const customer = newCustomer();
  for (let index = 1; index <= 70; index += 1) await textUs(customer, `Message ${index}.`);
  await rowOf(page, customer).getByText('Message 70.').waitFor();
  await openThread(page, customer);
  await bubble(page, 'Message 70.').waitFor();
  expect(await bubble(page, 'Message 1.').count()).toBe(0);
  const landmark = bubble(page, 'Message 30.');
  await landmark.scrollIntoViewIfNeeded();
  const before = await landmark.boundingBox();
  await bubble(page, 'Message 1.').waitFor({ state: 'attached' });
  expect((await landmark.boundingBox())?.y).toBeCloseTo(before?.y ?? 0, 0);
  expect(await messages(page).locator('[data-message]').count()).toBe(70);
});

test('who reads further up is told of new messages instead of being moved', async () => {
  const page = await desk.seat(accountOf('agent'));
  const customer = newCustomer();
  for (let index = 1; index <= 30; index += 1) await textUs(customer, `Line ${index}.`);
  await openThread(page, customer);
  await bubble(page, 'Line 30.').waitFor();
  const landmark = bubble(page, 'Line 10.');
  await landmark.scrollIntoViewIfNeeded();
  const before = await landmark.boundingBox();
  await textUs(customer, 'Something new');
  await page.getByRole('button', { name: '1 new message' }).waitFor();
  expect((await landmark.boundingBox())?.y).toBeCloseTo(before?.y ?? 0, 0);
  await page.getByRole('button', { name: '1 new message' }).click();
  await bubble(page, 'Something new').waitFor();
  await page.getByRole('button', { name: '1 new message' }).waitFor({ state: 'detached' });
});

test('a text of a campaign appears in the open thread and in its row, though it was not announced by itself', async () => {
  const engine = new Engine();
  const page = await desk.seat(accountOf('agent'));
  const nextRecipient = customersOf('503');
  const customer = nextRecipient();
  await textUs(customer, 'Any offers?');
  await openThread(page, customer);
  await bubble(page, 'Any offers?').waitFor();
  const others = Array.from({ length: 29 }, nextRecipient);
  await engine
    .sendCampaign([customer, ...others], 'Ten percent off until Friday')
    .finally(() => engine.close());
  await bubble(page, 'Ten percent off until Friday').waitFor();
  await rowOf(page, customer).getByText('Ten percent off until Friday').waitFor();
});
