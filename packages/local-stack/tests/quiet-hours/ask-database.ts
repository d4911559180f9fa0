import type { MessageClass, QuietHoursPreset, QuietHoursRule } from '@threadline/messaging/quiet-hours';
import type { TransactionSql } from 'postgres';

export interface DatabaseAnswer {
  zones: string[];
  regions: string[];
  foundBy: string;
  from: Date | null;
  until: Date | null;
  decisiveZone: string | null;
  ruleVersion: string | null;
}

export interface Choice {
  preset: QuietHoursPreset;
  quietHoursForTransactional?: boolean;
  countriesEnabled?: string[];
}

export interface Question {
  phoneNumber: string;
  contactTimeZone?: string | null;
  /** Instead of the zones found for the number. */
  zones?: string[];
  messageClass: MessageClass;
  at: Date;
}

export async function addOrganization(sql: TransactionSql, choice: Choice): Promise<string> {
  const [row] = await sql<{ id: string }[]>`
    insert into public.organizations (name, slug, quiet_hours_preset, quiet_hours_for_transactional, countries_enabled)
    values ('Oracle', 'oracle-' || gen_random_uuid(), ${choice.preset}, ${choice.quietHoursForTransactional ?? true},
      ${choice.countriesEnabled ?? ['US']})
    returning id`;
  if (row === undefined) throw new Error('The organization was not stored');
  return row.id;
}

export async function addRules(
  sql: TransactionSql,
  organizationId: string,
  rules: readonly QuietHoursRule[],
): Promise<void> {
  for (const rule of rules) {
    await sql`
      insert into public.quiet_hours_rules (organization_id, preset, region, message_class, weekdays, opens_at, closes_at,
        effective_from, effective_to, source, confidence, version)
      values (${rule.preset === null ? organizationId : null}, ${rule.preset}, ${rule.region}, ${rule.messageClass},
        ${[...rule.weekdays]}, ${rule.opensAt}, ${rule.closesAt}, ${rule.effectiveFrom}, ${rule.effectiveTo},
        ${rule.source}, ${rule.confidence}, ${rule.version})`;
  }
}

/** Each question on its own, through candidate_zones and allowed_window. */
export async function askDatabase(
  sql: TransactionSql,
  organizationId: string,
  questions: readonly Question[],
): Promise<DatabaseAnswer[]> {
  const rows = await sql<DatabaseAnswer[]>`
    select coalesce(q.zones, z.zones) as zones, z.regions, z.found_by as "foundBy", w.allowed_from as "from",
      w.allowed_until as "until", w.decisive_zone as "decisiveZone", w.rule_version as "ruleVersion"
    from rows from (jsonb_to_recordset(${sql.json(asJson(questions))})
      as (phone text, contact_zone text, zones text[], class text, at timestamptz)) with ordinality
      as q (phone, contact_zone, zones, class, at, place)
    cross join lateral private.candidate_zones(${organizationId}, q.phone, q.contact_zone) z
    cross join lateral private.allowed_window(
      ${organizationId}, coalesce(q.zones, z.zones), z.regions, q.class, q.at
    ) w
    order by q.place`;
  return [...rows];
}

/** All at once, through allowed_windows. */
export async function askDatabaseInOneBatch(
  sql: TransactionSql,
  organizationId: string,
  questions: readonly Question[],
): Promise<DatabaseAnswer[]> {
  const rows = await sql<DatabaseAnswer[]>`
    select w.zones, w.regions, w.found_by as "foundBy", w.allowed_from as "from", w.allowed_until as "until",
      w.decisive_zone as "decisiveZone", w.rule_version as "ruleVersion"
    from private.allowed_windows(
      ${organizationId}, ${questions.map(({ phoneNumber }) => phoneNumber)},
      ${questions.map(({ contactTimeZone }) => contactTimeZone ?? null)},
      ${questions.map(({ messageClass }) => messageClass)}, ${questions.map(({ at }) => at.toISOString())}::text[]::timestamptz[]
    ) w
    order by w.place`;
  return [...rows];
}

function asJson(questions: readonly Question[]) {
  return questions.map(({ phoneNumber, contactTimeZone, zones, messageClass, at }) => ({
    phone: phoneNumber,
    contact_zone: contactTimeZone ?? null,
    zones: zones ?? null,
    class: messageClass,
    at: at.toISOString(),
  }));
}
