import { readApiConfig } from '../_shared/api-config.ts';
import { logJson } from '../_shared/logger.ts';
import { createRpc } from '../_shared/rpc.ts';
import { createDatabase } from './database.ts';
import { handle } from './handler.ts';

/** A whole list is one statement. */
const RPC_TIMEOUT_MS = 20_000;

const config = readApiConfig((name) => Deno.env.get(name));
const deps = { database: createDatabase(createRpc({ ...config, timeoutMs: RPC_TIMEOUT_MS })), log: logJson };

Deno.serve((request) => handle(request, deps));
