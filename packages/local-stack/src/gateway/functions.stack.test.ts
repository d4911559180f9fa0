import { expect, inject, test } from 'vitest';

const stack = inject('stack');

test('a function that does not exist is not found', async () => {
  const answer = await fetch(`${stack.functionsUrl}/unknown`, { method: 'POST' });
  expect(answer.status).toBe(404);
  expect(await answer.json()).toMatchObject({ code: 'NOT_FOUND' });
});

test('the webhook function is reached without a token of ours and refuses what nobody signed', async () => {
  const answer = await fetch(`${stack.functionsUrl}/provider-webhook/twilio`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded', 'x-twilio-signature': 'bm90IGl0' },
    body: 'MessageSid=SM0000000000000000000000000000aaaa&AccountSid=AC0de0000000000000000000000000aaaa&From=%2B13125550142&To=%2B13125550100&Body=hi&NumMedia=0',
  });
  expect(answer.status).toBe(403);
});

test('a customer’s text reaches the inbox through carrier, gateway and function', async () => {
  const answer = await fetch(`${stack.carrierUrl}/control/inbound`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ from: '+13125550142', to: stack.organization.phoneNumber, body: 'Are you open?' }),
  });
  expect(await answer.json()).toMatchObject({ status: 200 });
});

test('paths outside the API are nobody’s', async () => {
  expect((await fetch(`${stack.apiUrl}/admin`)).status).toBe(404);
});
