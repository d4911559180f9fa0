/** One line of a demo conversation: who speaks, what, and how many minutes after the line before. */
export type Line = {
  readonly from: 'us' | 'them';
  readonly text: string;
  readonly after: number;
  readonly end?: { readonly status: 'failed' | 'undelivered'; readonly code: string; readonly text: string };
  readonly intent?: 'stop';
};

/** A conversation with `{first}` for the customer's first name. */
export type Script = readonly Line[];

const us = (text: string, after = 3, end?: Line['end']): Line => ({
  from: 'us',
  text,
  after,
  ...(end ? { end } : {}),
});
const them = (text: string, after = 4): Line => ({ from: 'them', text, after });

export const dentalScripts: readonly Script[] = [
  [
    us(
      'Hi {first}, this is Harbor Dental Care. Your cleaning with Dr. Patel is tomorrow at 10:30. Reply C to confirm. Reply STOP to opt out.',
      0,
    ),
    them('C', 22),
    us('Thank you, you are confirmed. Please arrive 10 minutes early to update your insurance card.'),
    them('Will do. Is the parking garage still validated?', 41),
    us('It is, bring the ticket to the front desk and we will stamp it.', 2),
    them('Perfect 👍', 1),
  ],
  [
    them('Hi, I chipped a tooth last night. It doesn’t hurt much but the edge is sharp', 0),
    us('Oh no, sorry to hear that, {first}. Can you send us a picture so the doctor can have a look?', 6),
    them('Sure, one moment', 3),
    them('Upper left, second from the front', 4),
    us('Thank you. Dr. Patel would like to see it today. We have 2:15 or 4:40 open.', 18),
    them('4:40 works', 7),
    us('Booked for 4:40 today with Dr. Patel. Please avoid biting on that side until then.', 2),
    them('Thanks so much!!', 1),
  ],
  [
    us(
      'Hi {first}, it has been six months since your last visit. Would you like to book a cleaning? Reply STOP to opt out.',
      0,
    ),
    them('Yes please. Do you have anything on a Friday?', 95),
    us('We do. Friday the 4th at 9:00 or 11:20, or Friday the 11th at 8:30.', 8),
    them('11:20 on the 4th', 12),
    us('Done. We will send a reminder the day before.'),
    them('Can my daughter come right after me? She is 9 now', 6),
    us('Of course. I have put Emma down for 12:00 with the same hygienist.', 9),
    them('You are the best', 2),
    us('Happy to help. See you both on the 4th!', 2),
  ],
  [
    them('What do I owe after insurance for the crown?', 0),
    us('Let me check with billing, one moment please.', 5),
    us('Your plan covered $684. The remaining balance is $212.40, due by the end of the month.', 14),
    them('Can I split that in two?', 9),
    us('Yes. $106.20 now and the same on the 15th. Shall I set that up?', 4),
    them('Yes please', 2),
    us('All set. You will get a receipt for each payment.'),
  ],
  [
    us('Hi {first}, Dr. Lindahl here. How is the extraction site feeling today? Any swelling?', 0),
    them('A little swelling, no fever. It bled a bit overnight but stopped', 33),
    us(
      'That is normal on the first day. Keep using the cold pack, 20 minutes on and 20 off, and no straws.',
      5,
    ),
    them('Ok. Can I go running tomorrow?', 16),
    us('Better wait three days. If the swelling grows or you get a fever, text us at once.', 4),
    them('Understood, thank you doctor', 3),
    us('One more check-in from us on Thursday. Rest well!', 2),
  ],
  [
    us('Hi {first}, your appointment is on Monday at 3:00. Reply C to confirm or R to move it.', 0),
    them('R', 15),
    us('No problem. Which days suit you next week?', 4),
    them('Tuesday or Thursday after 4', 22),
    us('Thursday at 4:30 with Dr. Patel?', 3),
    them('Great', 6),
    us('Moved to Thursday, 4:30. Anything else we can do for you?', 2),
    them('Could you remind me the evening before? My phone calendar is a mess 😅', 5),
    us('We will text you on Wednesday at 6.', 2),
  ],
  [
    them('Do you take Delta Dental PPO?', 0),
    us('Yes, we are in network with Delta Dental PPO and Premier.', 4),
    them('And are you taking new patients?', 2),
    us(
      'We are! The first visit takes about 75 minutes with x-rays and a cleaning. Would you like a time?',
      3,
    ),
    them('Maybe after the holidays, I’ll text you', 8),
    us('Any time. Our number stays the same.', 2),
  ],
  [
    us(
      'Hi {first}, the night guard you ordered has arrived. Come by any weekday between 8 and 5 to pick it up.',
      0,
    ),
    them('Awesome, can my husband collect it?', 27),
    us('He can. Please have him bring his ID.', 3),
    them('ok he’ll be there around noon', 5),
    us('It is at the front desk under your name.', 2),
  ],
  [
    us('Hi {first}, we are confirming Wednesday at 8:00 with Dr. Lindahl.', 0, {
      status: 'undelivered',
      code: '30003',
      text: 'Phone is off or out of reach',
    }),
    us('Hi {first}, trying again: can you confirm Wednesday at 8:00 with Dr. Lindahl?', 190),
    them('Sorry, my phone was dead. Yes, see you Wednesday', 44),
    us('Wonderful, thank you.', 3),
  ],
  [
    us('Hi {first}, your aligner tray #7 is ready. How has tray #6 been?', 0),
    them('Good, a bit tight on the first two days', 18),
    us('Exactly as it should be. Switch to #7 on Sunday evening.', 4),
    them('Can I skip one night for a wedding 🙈', 3),
    us('One evening is fine, put it back in before you sleep.', 5),
    them('Deal', 1),
    them('Also what whitening do you recommend after the trays?', 12),
  ],
];

/** Conversations that are in the demo exactly once, because the list should show them. */
export const optOutScript: Script = [
  us('Hi {first}, Harbor Dental Care has whitening at 20% off this month. Reply STOP to opt out.', 0),
  { from: 'them', text: 'STOP', after: 6, intent: 'stop' },
];

export const failedScript: Script = [
  us('Hi {first}, your x-rays are ready. Would you like a copy by e-mail?', 0),
  us('Hi {first}, just checking whether you saw our note about the x-rays.', 1500, {
    status: 'failed',
    code: '30005',
    text: 'Number is not in service',
  }),
];

export const unansweredScript: Script = [
  us('Hi {first}, you are booked for a filling on the 2nd at 1:45.', 0),
  them('Thanks. Quick question', 9),
  them('Do I need someone to drive me home after?', 1),
];

export const repairScripts: readonly Script[] = [
  [
    them('Hi, how is my Outback doing?', 0),
    us(
      'Hi {first}, front pads are done. We found a torn CV boot on the left, $240 with labor. Shall we go ahead?',
      25,
    ),
    them('Is it urgent?', 6),
    us('It will fail within a few months, and then the whole axle needs replacing.', 3),
    them('ok do it', 11),
    us('On it. Ready tomorrow by 3.', 2),
  ],
  [
    us(
      'Hi {first}, Northside here. Your car is due for its 60,000 mile service. Want a slot next week? Reply STOP to opt out.',
      0,
    ),
    them('Tuesday early?', 52),
    us('Tuesday 7:30 is yours. There is a shuttle downtown at 8.', 7),
    them('great, see you then', 3),
  ],
  [
    them('Check engine light came on, safe to drive?', 0),
    us('Is it steady or blinking?', 4),
    them('steady', 1),
    us('Then you can drive carefully. Come by today before 5 and we will read the code for free.', 2),
    them('omw', 14),
    us('See you soon. Park by bay 3.', 1),
  ],
  [
    us('Hi {first}, your tires are in. When would you like them mounted?', 0),
    them('Saturday?', 70),
    us('Saturday 9:00 or 11:00.', 5),
    them('9', 2),
    us('Booked. It takes about 45 minutes, coffee is on us.', 2),
    them('And an alignment please', 30),
  ],
];
