import type { Sql } from 'postgres';
import type { StoredMessage } from './broadcast.ts';

/** Reads back what the database sent while a client was away. */
export class ReplayStore {
  readonly #sql: Sql;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  /**
   * The latest `limit` private messages of the topic, oldest first.
   * @param since milliseconds since 1970
   */
  async since(topic: string, since: number, limit: number): Promise<StoredMessage[]> {
    // Rows of one transaction share their time; their place in the table keeps them in order.
    const rows = await this.#sql<StoredMessage[]>`
      select id, event, payload::text as payload, binary_payload as "binaryPayload"
      from realtime.messages
      where topic = ${topic} and private and extension = 'broadcast' and event is not null
        and inserted_at >= (timestamp 'epoch' + ${since} * interval '1 millisecond')
        and (payload is not null or binary_payload is not null)
      order by inserted_at desc, ctid desc
      limit ${limit}`;
    return [...rows].reverse();
  }
}
