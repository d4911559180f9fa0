import { randomUUID } from 'node:crypto';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { accountOf, Desk, whenLive } from './desk.ts';

let desk: Desk;

beforeAll(async () => {
  desk = await Desk.open();
});
afterEach(() => desk.clear());
afterAll(() => desk.close());

async function openMembers(page: Page): Promise<void> {
  await page.getByRole('link', { name: 'Settings' }).click();
  await page.getByRole('heading', { name: 'Members' }).waitFor();
}

async function signUp(page: Page, address: string, email: string): Promise<void> {
  await page.goto(address);
  await page.getByLabel('Email address').fill(email);
  await page.getByLabel('Password').fill('a-long-enough-password');
  await page.getByRole('button', { name: 'Create account' }).click();
}

test('an invited person joins by link, and is out the moment they are suspended', async () => {
  const owner = await desk.seat(accountOf('owner'));
  await openMembers(owner);
  const email = `invited-${randomUUID()}@harbor.example`;
  await owner.getByLabel('Email address').fill(email);
  await owner.getByRole('button', { name: 'Invite' }).click();
  const link = await owner.getByLabel('Invitation link').inputValue();

  const newcomer = await desk.window();
  await signUp(newcomer, link, email);
  await newcomer.getByLabel('Your name').fill('Nora Newcomer');
  await newcomer.getByRole('button', { name: 'Join' }).click();
  await newcomer.waitForURL('**/inbox');
  await whenLive(newcomer);

  await owner.reload();
  await owner
    .locator(`[data-member="${email}"]`)
    .getByRole('button', { name: 'Change Nora Newcomer' })
    .click();
  await owner.getByRole('menuitem', { name: 'Suspend' }).click();
  await owner.getByText('Nora Newcomer has no access any more.').waitFor();
  await newcomer.getByRole('heading', { name: 'Your access has ended' }).waitFor();
  expect(await newcomer.getByRole('navigation').count()).toBe(0);
  const answer = await newcomer.goto(newcomer.url());
  expect(answer?.status()).toBe(403);
  await newcomer.getByText('is suspended. An owner or admin').waitFor();
  await newcomer.goto('/');
  await newcomer.waitForURL('**/welcome');
  await newcomer.getByText('is suspended. An owner or admin').waitFor();
});

test('an invitation that was revoked lets nobody in', async () => {
  const owner = await desk.seat(accountOf('owner'));
  await openMembers(owner);
  const email = `revoked-${randomUUID()}@harbor.example`;
  await owner.getByLabel('Email address').fill(email);
  await owner.getByRole('button', { name: 'Invite' }).click();
  const link = await owner.getByLabel('Invitation link').inputValue();
  await owner.locator(`[data-invitation="${email}"]`).getByRole('button', { name: 'Revoke' }).click();
  await owner.locator(`[data-invitation="${email}"]`).waitFor({ state: 'detached' });
  const newcomer = await desk.window();
  await signUp(newcomer, link, email);
  await newcomer.getByRole('button', { name: 'Join' }).click();
  await newcomer.getByRole('alert').getByText('This invitation is not valid.').waitFor();
});

test('an agent sees the members and can change nothing', async () => {
  const page = await desk.seat(accountOf('agent'));
  await openMembers(page);
  await page.locator(`[data-member="${accountOf('owner').email}"]`).waitFor();
  expect(await page.getByRole('button', { name: 'Invite' }).count()).toBe(0);
  expect(await page.getByRole('button', { name: /^Change / }).count()).toBe(0);
});

test('somebody without an invitation founds an organization and finds an empty inbox that helps', async () => {
  const page = await desk.window();
  await signUp(page, '/sign-up', `founder-${randomUUID()}@elsewhere.example`);
  await page.getByLabel('Organization').fill('Quiet Harbor');
  await page.getByRole('button', { name: 'Create organization' }).click();
  await page.waitForURL('**/quiet-harbor*/inbox');
  await page.getByText('No conversations yet').waitFor();
});
