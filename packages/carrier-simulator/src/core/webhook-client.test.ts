import { describe, expect, it, onTestFinished } from 'vitest';
import { WebhookReceiver } from '../testing/webhook-receiver.ts';
import { splitWebhookUrl, WebhookClient, type WebhookAttempt } from './webhook-client.ts';

async function post(receiver: WebhookReceiver | string, fragment = ''): Promise<WebhookAttempt[]> {
  const client = new WebhookClient(1);
  onTestFinished(() => client.close());
  const { url, policy } = splitWebhookUrl(
    `${typeof receiver === 'string' ? receiver : receiver.base}/hook${fragment}`,
  );
  const attempts: WebhookAttempt[] = [];
  await client.post({ url, policy, headers: {}, body: 'a=1' }, (attempt) => attempts.push(attempt));
  return attempts;
}

async function receiverAnswering(answer: WebhookReceiver['answer']): Promise<WebhookReceiver> {
  const receiver = await new WebhookReceiver().start();
  onTestFinished(() => receiver.stop());
  receiver.answer = answer;
  return receiver;
}

describe('splitWebhookUrl', () => {
  it('cuts off the fragment and reads the overrides from it', () => {
    const { url, policy } = splitWebhookUrl('https://example.com/a?b=1#rc=5&rp=5xx,ct,rt&ct=2000&rt=3000');
    expect(url).toBe('https://example.com/a?b=1');
    expect(policy).toEqual({
      ...{ retries: 5, on: new Set(['5xx', 'ct', 'rt']), connectTimeoutMs: 2000, readTimeoutMs: 3000 },
    });
  });

  it('retries a failed connection once when nothing is said', () => {
    const { policy } = splitWebhookUrl('https://example.com/a');
    expect(policy).toMatchObject({
      retries: 1,
      on: new Set(['ct']),
      connectTimeoutMs: 5000,
      readTimeoutMs: 15_000,
    });
  });

  it('keeps overrides within the limits', () => {
    const { policy } = splitWebhookUrl('https://example.com/a#rc=99&ct=1&rt=999999');
    expect(policy).toMatchObject({ retries: 5, connectTimeoutMs: 100, readTimeoutMs: 15_000 });
  });
});

describe('WebhookClient', () => {
  it('does not try again after an error answer', async () => {
    const receiver = await receiverAnswering(() => ({ status: 500 }));
    expect((await post(receiver)).map(({ httpStatus }) => httpStatus)).toEqual([500]);
  });

  it('tries again after an error answer where the URL asks for it', async () => {
    let calls = 0;
    const receiver = await receiverAnswering(() => ({ status: ++calls < 3 ? 503 : 200 }));
    expect((await post(receiver, '#rc=4&rp=5xx')).map(({ httpStatus }) => httpStatus)).toEqual([
      503, 503, 200,
    ]);
  });

  it('tries a broken connection once more', async () => {
    let calls = 0;
    const receiver = await receiverAnswering(() =>
      ++calls === 1 ? { status: 0, breaks: true } : { status: 204 },
    );
    expect((await post(receiver)).map(({ httpStatus }) => httpStatus)).toEqual([null, 204]);
  });

  it('reports what went wrong when nobody listens', async () => {
    const receiver = await new WebhookReceiver().start();
    await receiver.stop();
    const attempts = await post(receiver.base);
    expect(attempts.map(({ error }) => error)).toEqual(['ECONNREFUSED', 'ECONNREFUSED']);
  });
});
