import type { StackKeys } from './keys.ts';
import { ownerUrl } from './postgres/server.ts';
import { stackPorts, type StackPorts } from './ports.ts';

/** Every address of one stack. */
export type StackAddresses = {
  ports: StackPorts;
  web: string;
  carrier: string;
  api: string;
  functions: string;
  realtime: string;
  worker: string;
  database: string;
  workerDatabase: string;
};

export function stackAddresses(portBase: number, keys: StackKeys): StackAddresses {
  const ports = stackPorts(portBase);
  const at = (port: number): string => `http://127.0.0.1:${port}`;
  return {
    ports,
    web: at(ports.web),
    carrier: at(ports.carrier),
    api: at(ports.gateway),
    functions: `${at(ports.gateway)}/functions/v1`,
    realtime: at(ports.realtime),
    worker: at(ports.worker),
    database: ownerUrl({ port: ports.postgres, password: keys.databasePassword }),
    workerDatabase: `postgresql://threadline_worker:${keys.workerPassword}@127.0.0.1:${ports.postgres}/postgres`,
  };
}
