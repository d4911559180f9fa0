import { z } from 'zod';

/** E.164, which is all the simulator asks of a number: the plus sign and 7 to 15 digits. */
export const e164Pattern = /^\+[1-9]\d{6,14}$/;

const sid = (prefix: string) =>
  z.string().regex(new RegExp(`^${prefix}[0-9a-zA-Z]{32}$`), `must be ${prefix} and 32 characters`);

const commonFields = {
  numbers: z
    .array(
      z.object({
        phoneNumber: z.string().regex(e164Pattern, 'must be E.164'),
        label: z.string().default(''),
      }),
    )
    .min(1),
  /** Where texts of customers go; may carry a `#rc=…&rp=…` fragment at Twilio. */
  inboundWebhookUrl: z.url().optional(),
};

const twilioAccountSchema = z.object({
  provider: z.literal('twilio'),
  accountSid: sid('AC'),
  authToken: z.string().min(1),
  /** Further credentials for the API. Webhooks are always signed with the auth token, as at Twilio. */
  apiKeys: z.array(z.object({ sid: z.string(), secret: z.string() })).default([]),
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
  ...commonFields,
});

const telnyxAccountSchema = z
  .object({
    provider: z.literal('telnyx'),
    /** What we call the account: Telnyx's own name for it appears nowhere in its API. */
    accountRef: z.string().min(1),
    apiKey: z.string().min(1),
    /** Seed of the Ed25519 key that webhooks are signed with: 32 bytes in base64. */
    privateKey: z.string().regex(/^[A-Za-z0-9+/]{43}=$/, 'must be 32 bytes in base64'),
    /** The one messaging profile all numbers are in. */
    messagingProfileId: z.uuid().default('11111111-1111-4111-8111-111111111111'),
    ...commonFields,
  })
  .transform((account) => ({
    ...account,
    accountSid: account.accountRef,
    // A profile is to Telnyx what a messaging service is to Twilio: a pool, and the reach of a STOP.
    messagingServices: [
      {
        sid: account.messagingProfileId,
        numbers: account.numbers.map(({ phoneNumber }) => phoneNumber),
        advancedOptOut: true,
      },
    ],
  }));

/** An account that names no provider is Twilio's. */
export const accountSchema = z.preprocess(
  (value) =>
    typeof value === 'object' && value !== null && !('provider' in value)
      ? { ...value, provider: 'twilio' }
      : value,
  z.discriminatedUnion('provider', [twilioAccountSchema, telnyxAccountSchema]),
);

export type TwilioAccount = z.output<typeof twilioAccountSchema>;
export type TelnyxAccount = z.output<typeof telnyxAccountSchema>;
export type Account = TwilioAccount | TelnyxAccount;
export type TwilioAccountOptions = Omit<z.input<typeof twilioAccountSchema>, 'provider'> & {
  provider?: 'twilio';
};
export type TelnyxAccountOptions = z.input<typeof telnyxAccountSchema>;
export type AccountOptions = TwilioAccountOptions | TelnyxAccountOptions;
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

/** The same recipient hears from the same number of a pool (sticky sender), as far as the pool stays the same. */
export function stickySender(pool: readonly string[], recipient: string): string | undefined {
  return pool[Number(recipient.slice(-7)) % Math.max(1, pool.length)];
}

/** The configured service a number belongs to. */
export function serviceOf(account: Account, phoneNumber: string): MessagingService | undefined {
  return account.messagingServices.find(({ numbers }) => numbers.includes(phoneNumber));
}
