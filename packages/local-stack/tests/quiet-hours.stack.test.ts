import { quietHoursCases } from '@threadline/messaging/fixtures/quiet-hours-cases';
import {
  bindingRules,
  candidateZones,
  isExempt,
  nextAllowedTime,
  shippedQuietHours,
} from '@threadline/messaging/quiet-hours';
import type { QuietHoursRule } from '@threadline/messaging/quiet-hours';
import postgres from 'postgres';
import type { TransactionSql } from 'postgres';
import { afterAll, describe, expect, inject, it } from 'vitest';
import { addOrganization, addRules, askDatabase, askDatabaseInOneBatch } from './quiet-hours/ask-database.ts';
import type { Choice, DatabaseAnswer, Question } from './quiet-hours/ask-database.ts';
import { Dice, randomQuestion, randomRules } from './quiet-hours/random-questions.ts';
import { undone } from './quiet-hours/undone.ts';

const sql = postgres(inject('stack').dbUrl, { max: 1, onnotice: () => {} });
afterAll(() => sql.end());

/** The preview's answer, in the database's form. */
function preview(choice: Choice, rules: readonly QuietHoursRule[], question: Question): DatabaseAnswer {
  const { messageClass, at } = question;
  const place = candidateZones({ ...question, contactTimeZone: question.contactTimeZone ?? null, ...choice });
  const zones = question.zones ?? place.zones;
  const binding = bindingRules({ ...choice, rules, regions: place.regions, messageClass });
  const { from, until, decisiveZone, ruleVersions } = nextAllowedTime({ at, zones, rules: binding });
  const exempt = isExempt(messageClass, choice.quietHoursForTransactional ?? true);
  const ruleVersion = exempt ? 'exempt' : ruleVersions.length === 0 ? null : ruleVersions.join(' + ');
  return { zones, regions: place.regions, foundBy: place.foundBy, from, until, decisiveZone, ruleVersion };
}

/** Zones whose clocks Postgres and Intl set differently that year: their copies of the IANA tables differ in age. */
async function zonesInDispute(transaction: TransactionSql): Promise<Set<string>> {
  const rows = await transaction<{ zone: string; at: Date; local: string }[]>`
    select z.name as zone, d.at, to_char(d.at at time zone z.name, 'YYYY-MM-DD"T"HH24:MI:SS') as local
    from (select distinct unnest(p.zones) as name from public.number_prefixes p) z
    cross join generate_series(timestamptz '2026-01-01 00:00Z', '2027-01-31 00:00Z', '73 hours') as d (at)`;
  const clocks = new Map<string, Intl.DateTimeFormat>();
  const wrong = rows.filter(({ zone, at, local }) => {
    // Swedish writes dates as ISO 8601 does.
    const clock = clocks.get(zone) ?? new Intl.DateTimeFormat('sv', { timeZone: zone, ...fullTime });
    clocks.set(zone, clock);
    return clock.format(at).replace(' ', 'T') !== local;
  });
  return new Set(wrong.map(({ zone }) => zone));
}
const fullTime = { dateStyle: 'short', timeStyle: 'medium' } as const;

describe('the database and the preview of quiet hours', () => {
  it('ship the same rules', async () => {
    const rows = await sql<QuietHoursRule[]>`
      select r.preset, r.region, r.message_class as "messageClass", r.weekdays, to_char(r.opens_at, 'HH24:MI') as "opensAt",
        to_char(r.closes_at, 'HH24:MI') as "closesAt", r.effective_from::text as "effectiveFrom",
        r.effective_to::text as "effectiveTo", r.source, r.confidence, r.version
      from public.quiet_hours_rules r where r.organization_id is null`;
    const order = ({ version, weekdays }: QuietHoursRule) => `${version} ${weekdays.join()}`;
    const sorted = (rules: readonly QuietHoursRule[]) =>
      rules.toSorted((a, b) => order(a).localeCompare(order(b)));
    expect(sorted([...rows])).toEqual(sorted(shippedQuietHours));
  });

  it('place every prefix alike, and every area code there could be', async () => {
    const rows = await undone(sql, async (transaction) => {
      const id = await addOrganization(transaction, { preset: 'federal', countriesEnabled: ['US', 'CA'] });
      return transaction<{ number: string; zones: string[]; regions: string[]; foundBy: string }[]>`
        select n.number, z.zones, z.regions, z.found_by as "foundBy"
        from (
          select '+' || p.prefix || '5550123' as number from public.number_prefixes p
          union select '+1' || g || '5550123' from generate_series(200, 999) g
        ) n
        cross join lateral private.candidate_zones(${id}, n.number, null) z`;
    });
    expect(rows.length).toBeGreaterThan(1000);
    for (const { number, ...place } of rows) {
      const expected = candidateZones({ phoneNumber: number, countriesEnabled: ['US', 'CA'] });
      expect({ number, ...place }).toEqual({ number, ...expected });
    }
  });

  it.each(quietHoursCases)('agree: $name', async (given) => {
    const rules = given.rules ?? [...shippedQuietHours, ...(given.ownRules ?? [])];
    const question = { ...given, at: new Date(given.at) };
    const [answer] = await undone(sql, async (transaction) => {
      const id = await addOrganization(transaction, given);
      await transaction`delete from public.quiet_hours_rules`;
      await addRules(transaction, id, rules);
      return askDatabase(transaction, id, [question]);
    });
    expect(answer).toEqual(preview(given, rules, question));
    const date = (text: string | null) => (text === null ? null : new Date(text));
    expect(answer).toMatchObject({ from: date(given.from), until: date(given.until) });
  });

  it('agree on hundreds of random zones, instants and rules', async () => {
    const dice = new Dice(20261120);
    await undone(sql, async (transaction) => {
      const disputed = await zonesInDispute(transaction);
      const known = await transaction<{ zone: string }[]>`
        select distinct unnest(p.zones) as zone from public.number_prefixes p order by 1`;
      const zones = known.map(({ zone }) => zone).filter((zone) => !disputed.has(zone));
      expect(zones.length).toBeGreaterThan(known.length * 0.9);
      for (let round = 0; round < 30; round += 1) {
        const choice = {
          preset: dice.one(['federal', 'states', 'safe'] as const),
          quietHoursForTransactional: dice.upTo(2) === 0,
        };
        const shipped = dice.upTo(2) === 0;
        const own = randomRules(dice);
        const questions = Array.from({ length: 20 }, () => randomQuestion(dice, zones));
        const rules = shipped ? [...shippedQuietHours, ...own] : own;
        const answers = await transaction.savepoint(async (point) => {
          const id = await addOrganization(point, choice);
          await point`delete from public.quiet_hours_rules`;
          await addRules(point, id, rules);
          return askDatabase(point, id, questions);
        });
        expect(answers).toEqual(questions.map((question) => preview(choice, rules, question)));
      }
    });
  });

  it('agree on a batch asked in one go', async () => {
    const dice = new Dice(7);
    const choice = { preset: 'safe' as const };
    await undone(sql, async (transaction) => {
      const disputed = await zonesInDispute(transaction);
      const questions = Array.from({ length: 500 }, () => {
        const { phoneNumber, messageClass, at } = randomQuestion(dice, ['UTC']);
        return {
          phoneNumber,
          messageClass,
          at,
          contactTimeZone: dice.upTo(5) === 0 ? 'America/Denver' : null,
        };
      }).filter((question) => candidateZones(question).zones.every((zone) => !disputed.has(zone)));
      const id = await addOrganization(transaction, choice);
      const answers = await askDatabaseInOneBatch(transaction, id, questions);
      expect(questions.length).toBeGreaterThan(400);
      expect(answers).toEqual(questions.map((question) => preview(choice, shippedQuietHours, question)));
    });
  });
});
