import { randomUUID } from 'node:crypto';
import postgres from 'postgres';
import type { PendingQuery, Row, Sql, TransactionSql } from 'postgres';
import type { Claims } from './tokens.ts';

export type Extension = 'broadcast' | 'presence';

/** Who asks about which topic; the policies on realtime.messages see all of it. */
export type AuthorizationContext = {
  /** Without the `realtime:` prefix. */
  topic: string;
  claims: Claims;
  headers: Record<string, string>;
};

export type DatabaseRefusal = { code: string; message: string };

export type ProbeOutcome<Value> = { ok: true; value: Value } | { ok: false; refusal: DatabaseRefusal };

/** undefined: not asked. */
export type ReadFlags = Record<Extension, boolean | undefined>;

const insufficientPrivilege = '42501';

const rollBack = new Error('probes are rolled back');

const unreachable: DatabaseRefusal = {
  code: 'UnableToConnectToProject',
  message: 'Realtime was unable to connect to the project database',
};

/** By SQLSTATE. Any other error comes out of a policy, and reads as a refusal. */
const refusals: Record<string, DatabaseRefusal> = {
  '23514': {
    code: 'MissingPartition',
    message: 'Realtime was unable to find the expected messages partition',
  },
  '53300': {
    code: 'DatabaseLackOfConnections',
    message: "Database can't accept more connections, Realtime won't connect",
  },
  '57014': { code: 'QueryCanceled', message: 'Query was cancelled, please try again' },
  '57P01': unreachable,
  '57P02': unreachable,
  '57P03': unreachable,
};

/**
 * Asks the policies of realtime.messages the way hosted Realtime does: rows are written and read inside a
 * transaction that is always rolled back.
 */
export class Authorization {
  readonly #sql: Sql;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  /** Which extensions of the topic the bearer may read. */
  async readable(context: AuthorizationContext, extensions: Extension[]): Promise<ProbeOutcome<ReadFlags>> {
    const probes = extensions.map((extension) => ({ id: randomUUID(), extension, topic: context.topic }));
    return this.#inRolledBackTransaction(async (connection) => {
      // Sent in one go, in this order: a query starts when something waits for it.
      const [, , visible] = await Promise.all([
        connection`insert into realtime.messages ${connection(probes, 'id', 'extension', 'topic')}`,
        assume(connection, context),
        connection<{ id: string }[]>`select id from realtime.messages
          where id in ${connection(probes.map(({ id }) => id))} and topic = ${context.topic}`,
      ]);
      const ids = new Set(visible.map(({ id }) => id));
      const seen = new Map(probes.map(({ id, extension }) => [extension, ids.has(id)]));
      return { broadcast: seen.get('broadcast'), presence: seen.get('presence') };
    });
  }

  /** Whether the bearer may send to the topic with this extension. */
  async writable(context: AuthorizationContext, extension: Extension): Promise<ProbeOutcome<boolean>> {
    return this.#inRolledBackTransaction(async (connection) => {
      const insert = { topic: context.topic, extension };
      const [, , inserted] = await Promise.allSettled([
        assume(connection, context),
        connection`savepoint probe`,
        connection`insert into realtime.messages ${connection(insert, 'topic', 'extension')}`,
        connection`rollback to savepoint probe`,
      ]);
      if (inserted.status === 'fulfilled') return true;
      if (isDatabaseError(inserted.reason) && inserted.reason.code === insufficientPrivilege) return false;
      throw inserted.reason;
    });
  }

  async #inRolledBackTransaction<Value>(
    probe: (transaction: TransactionSql) => Promise<Value>,
  ): Promise<ProbeOutcome<Value>> {
    const values: Value[] = [];
    try {
      await this.#sql.begin(async (transaction) => {
        values.push(await probe(transaction));
        throw rollBack;
      });
    } catch (error) {
      if (error !== rollBack) return { ok: false, refusal: explain(error) };
    }
    const [value] = values;
    return value === undefined ? { ok: false, refusal: unreachable } : { ok: true, value };
  }
}

/** Settings last until the end of the transaction; `set role` also makes row-level security apply to us. */
function assume(
  transaction: TransactionSql,
  { topic, claims, headers }: AuthorizationContext,
): PendingQuery<Row[]> {
  const sub = typeof claims.sub === 'string' ? claims.sub : '';
  return transaction`select
    set_config('realtime.topic', ${topic}, true),
    set_config('request.jwt.claims', ${JSON.stringify(claims)}, true),
    set_config('request.jwt.claim.sub', ${sub}, true),
    set_config('request.jwt.claim.role', ${claims.role}, true),
    set_config('request.headers', ${JSON.stringify(headers)}, true),
    set_config('role', ${claims.role}, true)`;
}

function explain(error: unknown): DatabaseRefusal {
  const code = isDatabaseError(error) ? error.code : undefined;
  if (code === undefined) return unreachable;
  return refusals[code] ?? { code: 'Unauthorized', message: code };
}

function isDatabaseError(error: unknown): error is postgres.PostgresError {
  return error instanceof postgres.PostgresError;
}
