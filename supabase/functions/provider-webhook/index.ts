import { readFunctionConfig } from '../_shared/config.ts';
import { logJson } from '../_shared/logger.ts';
import { createRpc } from '../_shared/rpc.ts';
import { handle } from './handler.ts';

const config = readFunctionConfig((name) => Deno.env.get(name));
const deps = { ...config, rpc: createRpc(config), log: logJson };

Deno.serve((request) => handle(request, deps));
