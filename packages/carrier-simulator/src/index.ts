export { createCarrier, type Carrier, type CarrierOptions } from './carrier.ts';
export type { AccountOptions, TelnyxAccountOptions, TwilioAccountOptions } from './core/account.ts';
export { publicKeyOf } from './telnyx/signature.ts';
export type { Faults, FaultSettings } from './core/faults.ts';
export type { CallbackPost, CarrierMessage, CarrierStatus } from './core/message.ts';
