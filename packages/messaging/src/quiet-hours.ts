// When a text may reach somebody's phone: where they may be, what binds the message, and the next moment all of it is
// open. The database decides by the same rules (private.allowed_window); this previews it without asking.
export { candidateZones } from './candidate-zones.ts';
export type { CandidateZones } from './candidate-zones.ts';
export { isOpenAt, nextAllowedTime } from './next-allowed-time.ts';
export type { AllowedTime } from './next-allowed-time.ts';
export { bindingRules, isExempt, quietHoursPresets } from './quiet-hours-rules.ts';
export type { MessageClass, QuietHoursPreset, QuietHoursRule } from './quiet-hours-rules.ts';
export { shippedQuietHours } from './shipped-quiet-hours.ts';
