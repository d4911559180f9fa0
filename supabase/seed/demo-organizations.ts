import { dentalScripts, repairScripts, type Script } from './demo-scripts.ts';

export type DemoMember = {
  readonly email: string;
  readonly displayName: string;
  readonly role: 'owner' | 'admin' | 'agent';
};

export type DemoCarrierAccount = {
  readonly provider: 'twilio' | 'telnyx';
  /** The carrier's own id of the account, or where it has none, a name of ours. */
  readonly accountRef: string;
  /** Key of PROVIDER_CREDENTIALS under which the account's secret is found. */
  readonly credentialsRef: string;
  readonly label: string;
  readonly numbers: readonly {
    readonly phoneNumber: string;
    readonly label: string;
    readonly senderKind: 'long_code' | 'toll_free';
    readonly segmentsPerSecond: number;
  }[];
};

export type DemoOrganization = {
  readonly name: string;
  readonly slug: string;
  readonly timeZone: string;
  readonly members: readonly DemoMember[];
  readonly carrierAccounts: readonly [DemoCarrierAccount, ...DemoCarrierAccount[]];
  readonly customers: readonly { readonly name: string | null; readonly phoneNumber: string }[];
  readonly scripts: readonly Script[];
};

/** One password for every demo sign-in; it exists only on the machine that runs the demo. */
export const demoPassword = 'threadline-demo';

/**
 * The two tenants of the demo. Every customer number lies in 555-0100 to 555-0199, which the North American
 * Numbering Plan keeps for fiction.
 */
export const demoOrganizations: readonly [DemoOrganization, DemoOrganization] = [
  {
    name: 'Harbor Dental Care',
    slug: 'harbor-dental-care',
    timeZone: 'America/Chicago',
    members: [
      { email: 'olivia@harbor.example', displayName: 'Olivia Hart', role: 'owner' },
      { email: 'marcus@harbor.example', displayName: 'Marcus Webb', role: 'admin' },
      { email: 'ann@harbor.example', displayName: 'Ann Castillo', role: 'agent' },
      { email: 'ben@harbor.example', displayName: 'Ben Okafor', role: 'agent' },
    ],
    carrierAccounts: [
      {
        provider: 'twilio',
        accountRef: 'AC0de0000000000000000000000000aaaa',
        credentialsRef: 'demo-harbor',
        label: 'Harbor Dental (simulated carrier)',
        numbers: [
          {
            phoneNumber: '+13125550100',
            label: 'Front desk',
            senderKind: 'long_code',
            segmentsPerSecond: 100,
          },
          { phoneNumber: '+18335550177', label: 'Billing', senderKind: 'toll_free', segmentsPerSecond: 100 },
        ],
      },
      {
        provider: 'telnyx',
        accountRef: 'harbor-telnyx',
        credentialsRef: 'demo-harbor-telnyx',
        label: 'Harbor Dental, second carrier (simulated)',
        numbers: [
          { phoneNumber: '+17735550101', label: 'Recalls', senderKind: 'long_code', segmentsPerSecond: 100 },
        ],
      },
    ],
    customers: [
      { name: 'Maria Delgado', phoneNumber: '+13125550142' },
      { name: 'James Whitfield', phoneNumber: '+17735550118' },
      { name: 'Priya Raman', phoneNumber: '+16305550163' },
      { name: 'Thomas Berg', phoneNumber: '+18475550127' },
      { name: 'Aaliyah Brooks', phoneNumber: '+13125550189' },
      { name: 'Henry Kowalski', phoneNumber: '+17735550134' },
      { name: 'Sofia Lindqvist', phoneNumber: '+12245550156' },
      { name: null, phoneNumber: '+14145550171' },
      { name: 'Daniel Cho', phoneNumber: '+13125550110' },
      { name: 'Grace Nwosu', phoneNumber: '+17085550145' },
      { name: 'Liam O’Connor', phoneNumber: '+16305550122' },
      { name: 'Mei Tanaka', phoneNumber: '+13125550175' },
      { name: 'Robert Hale', phoneNumber: '+18155550138' },
      { name: 'Camila Torres', phoneNumber: '+17735550193' },
      { name: 'Ethan Marsh', phoneNumber: '+12195550151' },
      { name: 'Fatima Yusuf', phoneNumber: '+13125550167' },
      { name: 'George Petrov', phoneNumber: '+18475550104' },
      { name: null, phoneNumber: '+12625550183' },
      { name: 'Hannah Fischer', phoneNumber: '+17735550159' },
      { name: 'Isaac Green', phoneNumber: '+13125550126' },
      { name: 'Julia Novak', phoneNumber: '+16305550140' },
      { name: 'Kevin Tran', phoneNumber: '+17085550112' },
      { name: 'Lucia Moretti', phoneNumber: '+13125550198' },
      { name: 'Noah Sinclair', phoneNumber: '+18475550169' },
      { name: 'Paula Reyes', phoneNumber: '+17735550148' },
      { name: 'Quentin Dubois', phoneNumber: '+12245550131' },
    ],
    scripts: dentalScripts,
  },
  {
    name: 'Northside Auto Repair',
    slug: 'northside-auto-repair',
    timeZone: 'America/Los_Angeles',
    members: [
      { email: 'rosa@northside.example', displayName: 'Rosa Jimenez', role: 'owner' },
      { email: 'dale@northside.example', displayName: 'Dale Carter', role: 'agent' },
    ],
    carrierAccounts: [
      {
        provider: 'twilio',
        accountRef: 'AC0de0000000000000000000000000bbbb',
        credentialsRef: 'demo-northside',
        label: 'Northside (simulated carrier)',
        numbers: [
          { phoneNumber: '+15035550150', label: 'Shop', senderKind: 'long_code', segmentsPerSecond: 100 },
        ],
      },
    ],
    customers: [
      { name: 'Walter Simmons', phoneNumber: '+15035550114' },
      { name: 'Nina Alvarez', phoneNumber: '+19715550136' },
      { name: 'Oscar Lindgren', phoneNumber: '+15035550172' },
      // The same person also texts Harbor Dental: two organizations, two histories that never meet.
      { name: 'Maria D.', phoneNumber: '+13125550142' },
      { name: 'Victor Huang', phoneNumber: '+13605550125' },
      { name: null, phoneNumber: '+15035550195' },
      { name: 'Teresa Boyd', phoneNumber: '+19715550108' },
      { name: 'Umar Farouk', phoneNumber: '+15415550147' },
    ],
    scripts: repairScripts,
  },
];
