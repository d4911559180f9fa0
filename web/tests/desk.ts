import type { Stack, StackAccount } from '@threadline/local-stack/stack-file';
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import { inject } from 'vitest';
import { launchBrowser } from './browser.ts';

export const stack: Stack = inject('stack');

type Role = StackAccount['role'];

/** A sign-in of the first organization; `place` tells several of one role apart. */
export function accountOf(role: Role, place = 0): StackAccount {
  const found = stack.accounts
    .filter((account) => account.organizationId === stack.organization.id && account.role === role)
    .at(place);
  if (found === undefined) throw new Error(`The stack has no ${role} number ${place}.`);
  return found;
}

/** A sign-in of the other organization. */
export function strangerAccount(): StackAccount {
  const found = stack.accounts.find((account) => account.organizationId !== stack.organization.id);
  if (found === undefined) throw new Error('The stack has only one organization.');
  return found;
}

interface Session {
  inbox: string;
  storageState: Awaited<ReturnType<BrowserContext['storageState']>>;
}

/** One browser and the people who sit at it, each in a window of their own. */
export class Desk {
  readonly #browser: Browser;
  readonly #sessions = new Map<string, Session>();
  #contexts: BrowserContext[] = [];

  private constructor(browser: Browser) {
    this.#browser = browser;
  }

  static async open(): Promise<Desk> {
    return new Desk(await launchBrowser());
  }

  /** A window nobody is signed in at. */
  async window(options: BrowserContextOptions = {}): Promise<Page> {
    const context = await this.#browser.newContext({
      baseURL: stack.webUrl,
      viewport: { width: 1280, height: 800 },
      timezoneId: 'America/Chicago',
      ...options,
    });
    context.setDefaultTimeout(10_000);
    this.#contexts.push(context);
    return context.newPage();
  }

  /** A window with somebody signed in, at the inbox. */
  async seat(
    account: { email: string; password: string },
    options: BrowserContextOptions = {},
  ): Promise<Page> {
    const session = this.#sessions.get(account.email);
    const page = await this.window(
      session === undefined ? options : { ...options, storageState: session.storageState },
    );
    if (session === undefined) await signIn(page, account);
    else await page.goto(session.inbox);
    await page.waitForURL('**/inbox');
    await whenLive(page);
    if (session === undefined) {
      const storageState = await page.context().storageState();
      this.#sessions.set(account.email, { inbox: page.url(), storageState });
    }
    return page;
  }

  /** Closes every window; call after each test. */
  async clear(): Promise<void> {
    await Promise.all(this.#contexts.map((context) => context.close()));
    this.#contexts = [];
  }

  async close(): Promise<void> {
    await this.#browser.close();
  }
}

export async function signIn(
  page: Page,
  { email, password }: { email: string; password: string },
): Promise<void> {
  await page.goto('/sign-in');
  await page.getByLabel('Email address').fill(email);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
}

/** Waits until the page takes part in what happens: its code runs and its topics are joined. */
export async function whenLive(page: Page): Promise<void> {
  await page.locator('[data-live="live"]').waitFor({ state: 'attached' });
}
