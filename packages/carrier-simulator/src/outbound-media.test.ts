import { expect, it } from 'vitest';
import { startCarrier } from './testing/carrier-fixture.ts';

it('copies a picture of the business when the message leaves, with its type', async () => {
  const { create, webhook, callbackUrl, client } = await startCarrier();
  webhook.answer = () => ({ status: 200, body: 'pretend picture', contentType: 'image/png' });
  const MediaUrl = `${webhook.base}/storage/a.png?token=1`;
  const { sid } = (await (await create({ MediaUrl, StatusCallback: callbackUrl })).json()) as { sid: string };
  const [fetched, sent, delivered] = await webhook.count(3);
  expect(fetched?.url).toBe(MediaUrl);
  expect([sent?.form['MessageStatus'], delivered?.form['MessageStatus']]).toEqual(['sent', 'delivered']);
  expect(await client.messages(sid).media.list()).toMatchObject([{ contentType: 'image/png' }]);
});

it('fails a message whose picture cannot be fetched', async () => {
  const { create, webhook, callbackUrl } = await startCarrier();
  webhook.answer = ({ url }) => ({ status: url.includes('/storage/') ? 404 : 204 });
  await create({ MediaUrl: `${webhook.base}/storage/gone.png`, StatusCallback: callbackUrl });
  const [, failed] = await webhook.count(2);
  expect(failed?.form).toMatchObject({ MessageStatus: 'failed', ErrorCode: '11200' });
});
