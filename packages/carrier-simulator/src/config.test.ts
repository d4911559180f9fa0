import { describe, expect, it } from 'vitest';
import { readConfig } from './config.ts';

const account = {
  accountSid: `AC${'0'.repeat(32)}`,
  authToken: 'token',
  numbers: [{ phoneNumber: '+13125550001', label: 'Main' }],
};

const telnyx = {
  provider: 'telnyx',
  accountRef: 'main',
  apiKey: 'KEY',
  privateKey: btoa('k'.repeat(32)),
  numbers: [{ phoneNumber: '+13125550111' }],
};

describe('readConfig', () => {
  it('needs no more than the accounts', () => {
    const config = readConfig({ CARRIER_ACCOUNTS: JSON.stringify([account]) });
    expect(config).toMatchObject({ CARRIER_HOST: '127.0.0.1', CARRIER_PORT: 4301 });
    expect(config.CARRIER_ACCOUNTS[0]).toMatchObject({ ...account, provider: 'twilio' });
  });

  it('takes accounts of both carriers side by side', () => {
    const config = readConfig({ CARRIER_ACCOUNTS: JSON.stringify([account, telnyx]) });
    expect(config.CARRIER_ACCOUNTS).toMatchObject([
      { provider: 'twilio' },
      { provider: 'telnyx', accountSid: 'main', messagingServices: [{ numbers: ['+13125550111'] }] },
    ]);
  });

  it.each([
    [{}, 'CARRIER_ACCOUNTS'],
    [{ CARRIER_ACCOUNTS: 'not json' }, 'CARRIER_ACCOUNTS'],
    [{ CARRIER_ACCOUNTS: '[]' }, 'CARRIER_ACCOUNTS'],
    [{ CARRIER_ACCOUNTS: JSON.stringify([{ ...account, accountSid: 'AC1' }]) }, 'accountSid'],
    [{ CARRIER_ACCOUNTS: JSON.stringify([{ ...telnyx, privateKey: 'short' }]) }, 'privateKey'],
    [{ CARRIER_ACCOUNTS: JSON.stringify([{ ...telnyx, apiKey: undefined }]) }, 'apiKey'],
    [{ CARRIER_ACCOUNTS: JSON.stringify([{ ...account, provider: 'pigeon' }]) }, 'provider'],
    [{ CARRIER_ACCOUNTS: JSON.stringify([account]), CARRIER_PORT: 'high' }, 'CARRIER_PORT'],
  ])('refuses %j and names what is wrong', (environment, name) => {
    expect(() => readConfig(environment)).toThrow(name);
  });
});
