import { z } from 'zod';
import { accountSchema } from './core/account.ts';

const json = z.string().transform((text, context): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    context.addIssue({ code: 'custom', message: 'is not JSON' });
    return z.NEVER;
  }
});

const count = z.coerce.number().int().min(1);

const environmentSchema = z.object({
  CARRIER_PORT: z.coerce.number().int().min(0).max(65_535).default(4301),
  CARRIER_HOST: z.string().min(1).default('127.0.0.1'),
  CARRIER_ACCOUNTS: json.pipe(z.array(accountSchema).min(1)),
  /** Base address clients reach the carrier at, when it is not the listening one. */
  CARRIER_PUBLIC_URL: z.url().optional(),
  CARRIER_MAX_MESSAGES: count.optional(),
  CARRIER_MAX_CONCURRENT_REQUESTS: count.optional(),
});

export type CarrierEnvironment = z.output<typeof environmentSchema>;

/** @throws ZodError naming every variable that is missing or malformed */
export function readConfig(
  environment: Readonly<Record<string, string | undefined>> = process.env,
): CarrierEnvironment {
  return environmentSchema.parse(environment);
}
