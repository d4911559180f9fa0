import type { TelnyxAccount } from '../core/account.ts';
import type { OptOutList } from '../core/opt-outs.ts';

/** The blocks of an account, oldest first, by profile, sender and time (telnyx-node 7.24, MessagingOptoutListResponse). */
export function findOptOuts(optOuts: OptOutList, account: TelnyxAccount, query: URLSearchParams) {
  const profile = query.get('filter[messaging_profile_id]') ?? account.messagingProfileId;
  const from = query.get('filter[from]');
  const since = Date.parse(query.get('created_at[gte]') ?? '');
  const until = Date.parse(query.get('created_at[lte]') ?? '');
  return optOuts
    .of(account)
    .filter(() => profile === account.messagingProfileId)
    .filter(({ business }) => from === null || business === from)
    .filter(({ at }) => (Number.isNaN(since) || at >= since) && (Number.isNaN(until) || at <= until))
    .map(({ business, customer, word, at }) => ({
      from: business,
      to: customer,
      keyword: word,
      messaging_profile_id: account.messagingProfileId,
      created_at: new Date(at).toISOString(),
    }));
}
