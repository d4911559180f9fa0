import { formatPhoneNumber } from '@threadline/messaging/phone-number';
import type { Locator, Page } from 'playwright-core';
import { whenLive } from './desk.ts';

/** The list row of a customer without a name. */
export function rowOf(page: Page, customer: string): Locator {
  return page.locator('[data-thread-row]').filter({ hasText: formatPhoneNumber(customer) });
}

/** The messages of the open thread. */
export function messages(page: Page): Locator {
  return page.getByRole('log', { name: 'Messages' });
}

export function bubble(page: Page, text: string): Locator {
  return messages(page).locator('[data-message]').filter({ hasText: text });
}

export function composer(page: Page): Locator {
  return page.getByLabel('Reply', { exact: true });
}

/** Opens a customer's thread from the list and waits until its changes are followed. */
export async function openThread(page: Page, customer: string): Promise<void> {
  const row = rowOf(page, customer);
  const threadId = await row.getAttribute('data-thread-row');
  await row.click();
  await page.locator(`[data-thread="${threadId}"]`).getByRole('log').waitFor();
  await whenLive(page);
}

export async function send(page: Page, text: string): Promise<void> {
  await composer(page).fill(text);
  await composer(page).press('Enter');
}

/** Waits until a message carries this delivery status. */
export async function whenMarked(page: Page, text: string, status: string): Promise<void> {
  await bubble(page, text).locator(`[data-status="${status}"]`).waitFor();
}
