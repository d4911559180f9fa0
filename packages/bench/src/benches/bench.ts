import type { OptionsSchema } from '../arguments.ts';
import type { z } from 'zod';
import type { Findings } from '../report/report.ts';
import type { Versions } from '../report/machine.ts';

/** Where a bench tells what it is doing; never where its results go. */
export type Progress = (line: string) => void;

export type Bench<Schema extends OptionsSchema = OptionsSchema> = {
  summary: string;
  options: Schema;
  run(options: z.output<Schema>, progress: Progress): Promise<Findings & { versions: Versions }>;
};

/** Keeps the options' types together with the bench that reads them. */
export function defineBench<Schema extends OptionsSchema>(bench: Bench<Schema>): Bench<Schema> {
  return bench;
}
