// Schedules a reminder a day before each appointment of a CSV file: node packages/client/examples/appointments.ts [file.csv]
// Run it as often as you like: an appointment is reminded of once, because its id is the idempotency key.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { log, progress } from '@clack/prompts';
import { parse } from 'csv-parse/sync';
import { createClient, previewTemplate, type Job } from '@threadline/client';
import { readConfig } from './config.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
const wording =
  'Hi {{ first_name | default: "there" }}, see you {{ starts_at | date: "%A at %-I:%M %p", "America/Chicago" }} at {{ clinic }}.';

interface Appointment {
  readonly id: string;
  readonly phone_number: string;
  readonly starts_at: string;
}

function toReminder(appointment: Appointment): Job {
  const preview = previewTemplate(wording, { ...appointment });
  const startsAt = Date.parse(appointment.starts_at);
  return {
    to: appointment.phone_number,
    body: preview.ok ? preview.text : '',
    scheduledFor: new Date(startsAt - DAY_MS),
    sendBefore: new Date(startsAt),
    idempotencyKey: `appointment-${appointment.id}`,
    metadata: { appointment: appointment.id },
  };
}

const file = process.argv[2] ?? join(import.meta.dirname, 'appointments.csv');
const rows = parse<Appointment>(readFileSync(file), {
  columns: true,
  bom: true,
  trim: true,
  skip_empty_lines: true,
});
const client = createClient(readConfig());
const bar = progress({ max: rows.length });
bar.start(`Scheduling ${rows.length} reminders`);
let shown = 0;
const summary = await client.enqueueBatch(rows.map(toReminder), {
  onProgress: ({ done, refused }) => {
    bar.advance(done - shown, `${done} of ${rows.length} done, ${refused} refused`);
    shown = done;
  },
});
bar.stop(
  `${summary.accepted} scheduled, ${summary.duplicates} were there already, ${summary.refused} refused`,
);
for (const result of summary.results) {
  if (result.outcome === 'refused')
    log.warn(`${rows[result.index]?.id ?? ''}: ${result.message} (${result.code})`);
}
