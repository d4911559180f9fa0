/** What a message is for. Quiet hours bind marketing, and transactional messages unless the organization says otherwise. */
export type MessageClass = 'conversational' | 'transactional' | 'marketing' | 'urgent';

/** Each preset holds the rules of those before it: `safe` is never laxer than a state, a state never than the federal rule. */
export const quietHoursPresets = ['federal', 'states', 'safe'] as const;
export type QuietHoursPreset = (typeof quietHoursPresets)[number];

/** One restriction. Rules only ever take time away: a message may go when every rule that binds it is open. */
export interface QuietHoursRule {
  /** The shipped preset it belongs to; null for a rule of the organization's own. */
  preset: QuietHoursPreset | null;
  /** `*`, a country (ISO 3166-1, `US`) with all its states, or a state (ISO 3166-2, `US-TX`). */
  region: string;
  /** A rule for marketing binds transactional messages too; a rule for transactional messages binds those alone. */
  messageClass: 'marketing' | 'transactional';
  /** ISO weekdays, 1 Monday to 7 Sunday, in the recipient's zone. */
  weekdays: readonly number[];
  /** Local `HH:MM`, the first minute in which a message may go; null when none may go on these days. */
  opensAt: string | null;
  /** Local `HH:MM` up to `24:00`, the first minute in which it may not any more; null together with `opensAt`. */
  closesAt: string | null;
  /** First local day (`YYYY-MM-DD`) on which it holds. */
  effectiveFrom: string;
  /** First local day on which it no longer holds; null while no end is known. */
  effectiveTo: string | null;
  source: string;
  /** Read in the law or a law firm's summary of it; from secondary sources; a choice of ours or of the organization. */
  confidence: 'law' | 'secondary' | 'own';
  /** Name and number of the wording, for the record of a decision: `US-TX/1`. */
  version: string;
}

/** True for the classes that wait for nobody's morning. */
export function isExempt(messageClass: MessageClass, quietHoursForTransactional: boolean): boolean {
  return messageClass === 'transactional'
    ? !quietHoursForTransactional
    : messageClass === 'conversational' || messageClass === 'urgent';
}

/**
 * The rules that bind one message: those of the chosen preset and the presets it contains, and the organization's own,
 * for `*` and for each of the recipient's regions. Empty for an exempt class. Dates are not looked at here.
 */
export function bindingRules(choice: {
  rules: readonly QuietHoursRule[];
  preset: QuietHoursPreset;
  regions: readonly string[];
  messageClass: MessageClass;
  quietHoursForTransactional?: boolean;
}): QuietHoursRule[] {
  const { rules, preset, regions, messageClass, quietHoursForTransactional = true } = choice;
  if (isExempt(messageClass, quietHoursForTransactional)) return [];
  const reach = quietHoursPresets.indexOf(preset);
  const places = new Set(['*', ...regions, ...regions.map((region) => region.slice(0, 2))]);
  return rules.filter(
    (rule) =>
      (rule.preset === null || quietHoursPresets.indexOf(rule.preset) <= reach) &&
      (rule.messageClass === 'marketing' || rule.messageClass === messageClass) &&
      places.has(rule.region),
  );
}
