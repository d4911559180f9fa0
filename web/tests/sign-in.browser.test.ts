import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { accountOf, Desk, signIn, stack, strangerAccount } from './desk.ts';

let desk: Desk;

beforeAll(async () => {
  desk = await Desk.open();
});
afterEach(() => desk.clear());
afterAll(() => desk.close());

test.each(stack.accounts)('$email ($role) signs in and lands in the inbox', async (account) => {
  const page = await desk.window();
  await signIn(page, account);
  await page.waitForURL('**/inbox');
  expect(await page.locator('[data-thread-row]').count()).toBeGreaterThan(0);
});

test('a wrong password is refused in plain words and keeps the address', async () => {
  const page = await desk.window();
  const { email } = accountOf('agent');
  await signIn(page, { email, password: 'not-the-password' });
  await page.getByRole('alert').getByText('That email address and password do not match.').waitFor();
  expect(await page.getByLabel('Email address').inputValue()).toBe(email);
});

test('signing in leads on to the page that asked for it', async () => {
  const page = await desk.window();
  const inbox = await desk.seat(accountOf('owner'));
  const target = new URL(inbox.url()).pathname.replace('/inbox', '/settings/members');
  await page.goto(target);
  await page.waitForURL('**/sign-in?next=*');
  await page.getByLabel('Email address').fill(accountOf('agent').email);
  await page.getByLabel('Password').fill(accountOf('agent').password);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await page.waitForURL(`**${target}`);
});

test('signing in works before any script has run', async () => {
  const page = await desk.window({ javaScriptEnabled: false });
  await signIn(page, accountOf('agent'));
  await page.waitForURL('**/inbox');
});

test('signing out ends the session', async () => {
  const page = await desk.seat(accountOf('agent', 1));
  const inbox = page.url();
  await page.getByRole('button', { name: 'Your menu' }).click();
  await page.getByRole('menuitem', { name: 'Sign out' }).click();
  await page.waitForURL('**/sign-in');
  await page.goto(inbox);
  await page.waitForURL('**/sign-in?next=*');
});

test('another organization finds nothing at our addresses, and no trace of us', async () => {
  const ours = await desk.seat(accountOf('agent'));
  await ours.locator('[data-thread-row]').first().click();
  await ours.waitForURL('**/inbox/*-*');
  const name = await ours.getByRole('heading', { level: 2 }).innerText();
  const theirs = await desk.seat(strangerAccount());
  for (const address of [ours.url(), `/${stack.organization.id}/inbox`, '/no-such-organization/inbox']) {
    const answer = await theirs.goto(address);
    expect(answer?.status()).toBe(404);
    await theirs.getByRole('heading', { name: 'Nothing here' }).waitFor();
    expect(await theirs.content()).not.toContain(name);
  }
});

test('a thread of ours is not found under the address of an organization of theirs', async () => {
  const ours = await desk.seat(accountOf('agent'));
  await ours.locator('[data-thread-row]').first().click();
  await ours.waitForURL('**/inbox/*-*');
  const threadId = ours.url().split('/').at(-1) ?? '';
  const theirs = await desk.seat(strangerAccount());
  const answer = await theirs.goto(`${theirs.url()}/${threadId}`);
  expect(answer?.status()).toBe(404);
});
