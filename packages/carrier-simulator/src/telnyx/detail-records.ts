import type { TelnyxAccount } from '../core/account.ts';
import type { CarrierCore } from '../core/carrier-core.ts';
import { noReceipt } from '../core/delivery-endings.ts';
import type { CarrierMessage } from '../core/message.ts';
import { deliveryError, refusal, type TelnyxRefusal } from './telnyx-error.ts';

/** A record of a message, sent or received (telnyx-node 7.24, MessageDetailRecord). */
export type DetailRecord = ReturnType<typeof detailRecord>;

type Test = (record: DetailRecord) => boolean;

const operators: Readonly<Record<string, (value: string, wanted: string) => boolean>> = {
  eq: (value, wanted) => value === wanted,
  contains: (value, wanted) => value.includes(wanted),
  starts_with: (value, wanted) => value.startsWith(wanted),
  ends_with: (value, wanted) => value.endsWith(wanted),
  gt: (value, wanted) => value > wanted,
  gte: (value, wanted) => value >= wanted,
  lt: (value, wanted) => value < wanted,
  lte: (value, wanted) => value <= wanted,
};

const filterFields = [
  'cld',
  'cli',
  'uuid',
  'direction',
  'status',
  'profile_id',
  'message_type',
  'created_at',
] as const;

/** Records newest first, or as `sort` says; a field no record has is refused, as Telnyx refuses it. */
export function findDetailRecords(
  core: CarrierCore,
  account: TelnyxAccount,
  query: URLSearchParams,
): DetailRecord[] | TelnyxRefusal {
  if (query.get('filter[record_type]') !== 'messaging') {
    return refusal(10015, 'filter[record_type]', 'Only messaging records are simulated.');
  }
  const tests: Test[] = [];
  for (const [name, wanted] of query) {
    if (!name.startsWith('filter[') || name === 'filter[record_type]') continue;
    const test = readFilter(name, wanted);
    if (test === null) return refusal(10015, name, `There is no filter ${name} for this record type.`);
    tests.push(test);
  }
  const records = [...candidates(core, query)]
    .filter((message) => message.accountSid === account.accountSid && message.origin !== 'automatic')
    .map((message) => detailRecord(message, account))
    .filter((record) => tests.every((test) => test(record)));
  return query.getAll('sort').includes('created_at') ? records.reverse() : records;
}

/** Looks through one customer's messages where a filter names the customer, else through all. */
function* candidates(core: CarrierCore, query: URLSearchParams): Generator<CarrierMessage> {
  const numbers = ['filter[cld]', 'filter[cli]'].map((name) => query.get(name));
  const customer = numbers.find((number) => number !== null && !core.accounts.byNumber(number));
  if (customer == null) yield* core.log.before(core.log.lastSequence + 1);
  else yield* core.log.conversation(customer).toReversed();
}

function readFilter(name: string, wanted: string): Test | null {
  const [, field, operator = 'eq'] = /^filter\[(\w+)\](?:\[(\w+)\])?$/.exec(name) ?? [];
  const known = filterFields.find((each) => each === field);
  const compare = Object.hasOwn(operators, operator) ? operators[operator] : undefined;
  if (known === undefined || compare === undefined) return null;
  // Dates compare as text: a day is before every moment of it.
  return (record) => compare(record[known] ?? '', wanted);
}

function detailRecord(message: CarrierMessage, account: TelnyxAccount) {
  const isInbound = message.origin === 'inbound';
  return {
    record_type: 'message_detail_record',
    uuid: message.sid,
    user_id: account.accountRef,
    created_at: new Date(message.submittedAt).toISOString(),
    updated_at: new Date(message.updatedAt).toISOString(),
    sent_at: message.sentAt === null ? null : new Date(message.sentAt).toISOString(),
    cld: message.to,
    cli: message.from ?? '',
    direction: isInbound ? 'inbound' : 'outbound',
    message_type: message.media.length > 0 ? 'MMS' : 'SMS',
    profile_id: account.messagingProfileId,
    parts: Math.max(1, message.segments),
    delivery_status_webhook_url: isInbound ? null : (message.parameters['webhook_url']?.toString() ?? null),
    delivery_status_failover_url: isInbound
      ? null
      : (message.parameters['webhook_failover_url']?.toString() ?? null),
    status: recordStatus(message),
    errors: message.errorCode === null ? [] : [deliveryError(message.errorCode).code],
  };
}

/** A record has no status until the message has come to its end. */
function recordStatus(message: CarrierMessage): string | undefined {
  switch (message.status) {
    case 'delivered':
    case 'received':
      return message.status;
    case 'undelivered':
      return 'failed';
    case 'failed':
      return 'gw_reject';
    case 'sent':
      return message.doom === noReceipt ? 'dlr_unconfirmed' : undefined;
    case 'accepted':
    case 'scheduled':
    case 'queued':
    case 'sending':
    case 'canceled':
      return undefined;
  }
}
