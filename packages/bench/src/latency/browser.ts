import { setTimeout as pause } from 'node:timers/promises';
import { launchBrowser } from '@threadline/local-stack/browser';
import { textUs, type WebhookSamples } from './broadcast.ts';

/** Milliseconds from the customer's text at the carrier to the moment an open inbox shows it. */
export async function measureBrowser({
  rig,
  tenant,
  carrier,
  samples,
  pauseMs,
}: WebhookSamples): Promise<number[]> {
  const { stack } = rig;
  const account = stack.accounts.find(
    ({ role, organizationId }) => role === 'agent' && organizationId === stack.organization.id,
  );
  const browser = await launchBrowser();
  try {
    const page = await browser.newPage({ baseURL: stack.webUrl, viewport: { width: 1280, height: 800 } });
    await page.goto('/sign-in');
    await page.locator('input[type="email"]').fill(account?.email ?? '');
    await page.locator('input[type="password"]').fill(account?.password ?? '');
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
    await page.waitForURL('**/inbox');
    await page.locator('[data-live="live"]').waitFor({ state: 'attached' });
    const taken: number[] = [];
    for (let sample = -3; sample < samples; sample += 1) {
      const elapsed = await textUs({ tenant, carrier }, sample + 3, (body) =>
        page.getByText(body).first().waitFor({ state: 'visible', timeout: 20_000 }),
      );
      if (sample >= 0) taken.push(elapsed);
      await pause(pauseMs);
    }
    return taken;
  } finally {
    await browser.close();
  }
}
