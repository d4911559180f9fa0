import { z } from 'zod';
import { createCarrier } from './carrier.ts';
import { readConfig } from './config.ts';

async function main(): Promise<void> {
  const config = readConfig();
  const carrier = createCarrier({
    accounts: config.CARRIER_ACCOUNTS,
    ...(config.CARRIER_PUBLIC_URL && { publicUrl: config.CARRIER_PUBLIC_URL }),
    ...(config.CARRIER_MAX_MESSAGES && { maxMessages: config.CARRIER_MAX_MESSAGES }),
    ...(config.CARRIER_MAX_CONCURRENT_REQUESTS && {
      maxConcurrentRequests: config.CARRIER_MAX_CONCURRENT_REQUESTS,
    }),
  });
  const stop = (): void => void carrier.close();
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  const url = await carrier.listen(config.CARRIER_PORT, config.CARRIER_HOST);
  console.log(
    JSON.stringify({ level: 'info', message: 'carrier simulator listening', url, handset: `${url}/handset` }),
  );
}

try {
  await main();
} catch (error) {
  const reason = error instanceof z.ZodError ? z.prettifyError(error) : String(error);
  console.error(JSON.stringify({ level: 'error', message: 'carrier simulator could not start', reason }));
  process.exitCode = 1;
}
