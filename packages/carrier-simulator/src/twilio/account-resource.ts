import type { Account } from '../core/account.ts';

/** The Account resource, as far as clients use it to see whether their credentials work. */
export function accountResource(account: Account) {
  const uri = `/2010-04-01/Accounts/${account.accountSid}`;
  return {
    sid: account.accountSid,
    friendly_name: account.numbers[0]?.label ?? 'Simulated account',
    owner_account_sid: account.accountSid,
    status: 'active',
    type: 'Full',
    subresource_uris: {
      messages: `${uri}/Messages.json`,
      incoming_phone_numbers: `${uri}/IncomingPhoneNumbers.json`,
    },
    uri: `${uri}.json`,
  };
}

/** The numbers of the account on one page. */
export function phoneNumberList(account: Account) {
  const uri = `/2010-04-01/Accounts/${account.accountSid}/IncomingPhoneNumbers.json?PageSize=50&Page=0`;
  return {
    incoming_phone_numbers: account.numbers.map(({ phoneNumber, label }) => ({
      account_sid: account.accountSid,
      sid: `PN${phoneNumber.slice(1).padStart(32, '0')}`,
      phone_number: phoneNumber,
      friendly_name: label === '' ? phoneNumber : label,
      sms_url: account.inboundWebhookUrl ?? '',
      sms_method: 'POST',
      capabilities: { voice: false, sms: true, mms: true, fax: false },
    })),
    ...{ start: 0, end: account.numbers.length - 1, page: 0, page_size: 50 },
    ...{ first_page_uri: uri, uri, next_page_uri: null, previous_page_uri: null },
  };
}
