import { z } from 'zod';

/** E.164, which is all the simulator asks of a number: the plus sign and 7 to 15 digits. */
export const e164Pattern = /^\+[1-9]\d{6,14}$/;

const sid = (prefix: string) =>
  z.string().regex(new RegExp(`^${prefix}[0-9a-zA-Z]{32}$`), `must be ${prefix} and 32 characters`);

export const accountSchema = z.object({
  accountSid: sid('AC'),
  authToken: z.string().min(1),
  /** Further credentials for the API. Webhooks are always signed with the auth token, as at Twilio. */
  apiKeys: z.array(z.object({ sid: z.string(), secret: z.string() })).default([]),
  numbers: z
    .array(
      z.object({
        phoneNumber: z.string().regex(e164Pattern, 'must be E.164'),
        label: z.string().default(''),
      }),
    )
    .min(1),
  /** Pools by messaging service. With none configured, any well-formed MG… stands for all numbers of the account. */
  messagingServices: z
    .array(
      z.object({
        sid: sid('MG'),
        numbers: z.array(z.string()).min(1),
        advancedOptOut: z.boolean().default(false),
      }),
    )
    .default([]),
  /** Where texts of customers go; may carry a `#rc=…&rp=…` fragment. */
  inboundWebhookUrl: z.url().optional(),
});

export type Account = z.output<typeof accountSchema>;
export type AccountOptions = z.input<typeof accountSchema>;
export type MessagingService = Account['messagingServices'][number];

/** The accounts of this carrier, found by id or by one of their numbers. */
export class AccountDirectory {
  readonly all: readonly Account[];
  readonly #bySid = new Map<string, Account>();
  readonly #byNumber = new Map<string, Account>();

  constructor(accounts: readonly Account[]) {
    this.all = accounts;
    for (const account of accounts) {
      this.#bySid.set(account.accountSid, account);
      for (const { phoneNumber } of account.numbers) this.#byNumber.set(phoneNumber, account);
    }
  }

  bySid(accountSid: string): Account | undefined {
    return this.#bySid.get(accountSid);
  }

  byNumber(phoneNumber: string): Account | undefined {
    return this.#byNumber.get(phoneNumber);
  }

  owns(account: Account, phoneNumber: string): boolean {
    return this.#byNumber.get(phoneNumber) === account;
  }
}

/** The numbers a messaging service may send from; undefined when the account has no such service. */
export function servicePool(account: Account, serviceSid: string): readonly string[] | undefined {
  const service = account.messagingServices.find(({ sid: known }) => known === serviceSid);
  if (service) return service.numbers;
  return account.messagingServices.length === 0
    ? account.numbers.map(({ phoneNumber }) => phoneNumber)
    : undefined;
}

/** The configured service a number belongs to. */
export function serviceOf(account: Account, phoneNumber: string): MessagingService | undefined {
  return account.messagingServices.find(({ numbers }) => numbers.includes(phoneNumber));
}
