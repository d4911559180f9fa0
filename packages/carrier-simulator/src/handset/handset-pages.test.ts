import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { business, customer, startCarrier } from '../testing/carrier-fixture.ts';
import type { Bubble, PhoneSummary } from './handset-feed.ts';
// The page's own module, which the browser loads as it is.
import { formatPhoneNumber, inventPhoneNumber, readPhoneNumber } from './page/phone-number.js';

/** Reads server-sent events until one of a kind has come `count` times. */
async function readEvents(
  url: string,
  kind: string,
  count: number,
  meanwhile: () => Promise<unknown>,
): Promise<unknown[]> {
  const stop = new AbortController();
  const answer = await fetch(url, { signal: stop.signal });
  const found: unknown[] = [];
  let started = false;
  let text = '';
  for await (const chunk of answer.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    text += chunk;
    for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
      const lines = text.slice(0, end).split('\n');
      text = text.slice(end + 2);
      if (lines.includes(`event: ${kind}`))
        found.push(JSON.parse(lines.find((line) => line.startsWith('data:'))?.slice(5) || 'null'));
    }
    if (!started) void meanwhile();
    started = true;
    if (found.length >= count) break;
  }
  stop.abort();
  return found;
}

describe('GET /handset', () => {
  it('is one page without anything from elsewhere', async () => {
    const { url } = await startCarrier();
    const answer = await fetch(`${url}/handset?phone=%2B14155550142`);
    const page = await answer.text();
    expect(answer.headers.get('content-security-policy')).toContain("default-src 'none'");
    const links = [...page.matchAll(/(?:src|href)="([^"]+)"/g)]
      .map(([, link = '']) => link)
      .filter((link) => !link.startsWith('data:'));
    expect(links.every((link) => link.startsWith('/handset/page/'))).toBe(true);
    for (const link of links) expect((await fetch(url + link)).status).toBe(200);
  });

  it('serves every module its modules import', async () => {
    const { url } = await startCarrier();
    const source = readFileSync(new URL('./page/handset.js', import.meta.url), 'utf8');
    const imported = [...source.matchAll(/from '\.\/([\w.-]+)'/g)].map(([, name]) => name);
    expect(imported.length).toBeGreaterThan(3);
    for (const name of imported) expect((await fetch(`${url}/handset/page/${name}`)).status).toBe(200);
  });

  it('does not let a text break out of the page', async () => {
    const { url, text } = await startCarrier();
    await text('</script><script>alert(1)</script>');
    const page = await (await fetch(`${url}/handset`)).text();
    expect(page).not.toContain('<script>alert(1)');
    expect(page).toContain('\\u003c/script>');
  });

  it('lists recent phones, the latest first', async () => {
    const { url, create, text } = await startCarrier();
    await create({ To: '+14155550101', Body: 'Your table is ready' });
    await text('Thanks');
    const phones = (await (await fetch(`${url}/handset/phones`)).json()) as PhoneSummary[];
    expect(phones.map(({ phoneNumber, preview }) => [phoneNumber, preview])).toEqual([
      [customer, 'You: Thanks'],
      ['+14155550101', 'Your table is ready'],
    ]);
  });

  it('shows a text on its way, and then here, as it happens', async () => {
    const { url, create } = await startCarrier();
    const address = `${url}/handset/events?phone=${encodeURIComponent(customer)}`;
    const bubbles = (await readEvents(address, 'bubble', 3, () => create({ Body: 'Live' }))) as Bubble[];
    expect(bubbles.map(({ side, body, status }) => [side, body, status])).toEqual([
      ['theirs', 'Live', 'queued'],
      ['theirs', 'Live', 'sent'],
      ['theirs', 'Live', 'delivered'],
    ]);
  });

  it('tells of other phones now and then, and nothing of their words to this one', async () => {
    const { url, create } = await startCarrier();
    const address = `${url}/handset/events?phone=${encodeURIComponent(customer)}`;
    const [phones] = (await readEvents(address, 'phones', 1, () =>
      create({ To: '+14155550101' }),
    )) as PhoneSummary[][];
    expect(phones?.map(({ phoneNumber }) => phoneNumber)).toEqual(['+14155550101']);
  });

  it('keeps the conversations with two businesses apart', async () => {
    const { url, create } = await startCarrier();
    await create({ Body: 'dental' });
    await create({ Body: 'auto', From: '+17735550002' });
    const query = new URLSearchParams({ phone: customer, business }).toString();
    const bubbles = (await (await fetch(`${url}/handset/conversation?${query}`)).json()) as Bubble[];
    expect(bubbles.map(({ body }) => body)).toEqual(['dental']);
  });
});

describe('phone numbers typed into the page', () => {
  it.each([
    ['(312) 555-0142', '+13125550142'],
    ['312.555.0142', '+13125550142'],
    ['1 312 555 0142', '+13125550142'],
    ['+13125550142', '+13125550142'],
    ['+44 20 7946 0958', '+442079460958'],
    ['12', null],
    ['+1 112 555 0142', null],
    ['call me', null],
    ['', null],
  ])('are read: %j', (text, phoneNumber) => {
    expect(readPhoneNumber(text)).toBe(phoneNumber);
  });

  it('are invented where nobody has them, and read back', () => {
    const invented = inventPhoneNumber();
    expect(invented).toMatch(/^\+1\d{3}55501\d{2}$/);
    expect(readPhoneNumber(formatPhoneNumber(invented))).toBe(invented);
  });
});
