import { describe, expect, it } from 'vitest';
import { readConfig } from './config.ts';

const account = {
  accountSid: `AC${'0'.repeat(32)}`,
  authToken: 'token',
  numbers: [{ phoneNumber: '+13125550001', label: 'Main' }],
};

describe('readConfig', () => {
  it('needs no more than the accounts', () => {
    const config = readConfig({ CARRIER_ACCOUNTS: JSON.stringify([account]) });
    expect(config).toMatchObject({ CARRIER_HOST: '127.0.0.1', CARRIER_PORT: 4301 });
    expect(config.CARRIER_ACCOUNTS[0]).toMatchObject(account);
  });

  it.each([
    [{}, 'CARRIER_ACCOUNTS'],
    [{ CARRIER_ACCOUNTS: 'not json' }, 'CARRIER_ACCOUNTS'],
    [{ CARRIER_ACCOUNTS: '[]' }, 'CARRIER_ACCOUNTS'],
    [{ CARRIER_ACCOUNTS: JSON.stringify([{ ...account, accountSid: 'AC1' }]) }, 'accountSid'],
    [{ CARRIER_ACCOUNTS: JSON.stringify([account]), CARRIER_PORT: 'high' }, 'CARRIER_PORT'],
  ])('refuses %j and names what is wrong', (environment, name) => {
    expect(() => readConfig(environment)).toThrow(name);
  });
});
