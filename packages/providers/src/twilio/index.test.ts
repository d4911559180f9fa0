import { describe, expect, it } from 'vitest';
import { cannedCarrier, sampleSend } from '../contract.ts';
import { acceptedReply } from './fixtures/replies.ts';
import { accountSid, authToken, formRequest, inboundForm } from './fixtures/webhooks.ts';
import { twilio } from './index.ts';
import { computeSignature, formParameters } from './signature.ts';

const settings = { accountSid, authToken };

describe('a Twilio account', () => {
  it('calls the API with a key where one is given, and still checks webhooks with the auth token', async () => {
    const account = twilio.openAccount({ ...settings, apiKeySid: 'SK1', apiKeySecret: 'shh' });
    const carrier = cannedCarrier(acceptedReply);
    await account.send(sampleSend, carrier.http);
    expect(carrier.requests[0]?.headers['authorization']).toBe(`Basic ${btoa('SK1:shh')}`);

    const request = formRequest(inboundForm);
    const sign = (token: string) => computeSignature(token, request.url, formParameters(request.rawBody));
    request.headers.set('x-twilio-signature', await sign(authToken));
    expect(await account.verify(request)).toBe('valid');
    request.headers.set('x-twilio-signature', await sign('shh'));
    expect(await account.verify(request)).toBe('invalid');
  });

  it('speaks to the API base it is given, and shows its credentials there and nowhere else', async () => {
    const account = twilio.openAccount({ ...settings, apiBaseUrl: 'http://127.0.0.1:4301/' });
    const carrier = cannedCarrier(acceptedReply);
    await account.send(sampleSend, carrier.http);
    expect(carrier.requests[0]?.url).toBe(
      `http://127.0.0.1:4301/2010-04-01/Accounts/${accountSid}/Messages.json`,
    );
    expect(account.mediaHeaders('http://127.0.0.1:4301/2010-04-01/Media/ME1')).toHaveProperty(
      'authorization',
    );
    expect(account.mediaHeaders('http://127.0.0.1:4302/2010-04-01/Media/ME1')).toEqual({});
    expect(account.mediaHeaders('https://api.twilio.com/2010-04-01/Media/ME1')).toEqual({});
  });

  it('schedules nothing from a bare number, which Twilio would send at once', async () => {
    const account = twilio.openAccount(settings, () => 0);
    const carrier = cannedCarrier(acceptedReply);
    const outcome = await account.send({ ...sampleSend, scheduleAt: new Date(3_600_000) }, carrier.http);
    expect(outcome).toMatchObject({ kind: 'not_sent', code: 'schedule_not_possible' });
    expect(carrier.requests).toEqual([]);
  });
});
