import { readGatewayConfig } from './config.ts';
import { startGateway } from './server.ts';

const config = readGatewayConfig();
const gateway = await startGateway(config);
console.log(`gateway listens on ${config.publicUrl}`);

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => void gateway.close().finally(() => process.exit(0)));
}
