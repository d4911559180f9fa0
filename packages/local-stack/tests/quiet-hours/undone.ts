import type { Sql, TransactionSql } from 'postgres';

/** Runs work in a transaction that is always rolled back: others see nothing of it, the demo stays as it was. */
export async function undone<T>(sql: Sql, work: (transaction: TransactionSql) => Promise<T>): Promise<T> {
  const end = new RolledBack();
  let result: { value: T } | undefined;
  await sql
    .begin(async (transaction) => {
      result = { value: await work(transaction) };
      throw end;
    })
    .catch((error: unknown) => {
      if (error !== end) throw error;
    });
  if (result === undefined) throw new Error('The transaction ended without a result');
  return result.value;
}

class RolledBack extends Error {}
