/** Facts about one event: ids, codes and counts. Never a body, a phone number or a secret. */
export type LogFacts = Readonly<Record<string, string | number | boolean | null | undefined>>;
export type LogLevel = 'info' | 'warn' | 'error';
export type Log = (level: LogLevel, event: string, facts: LogFacts) => void;

/** One JSON object per line, which is what the platform's log explorer reads. */
export const logJson: Log = (level, event, facts) => {
  console[level](JSON.stringify({ level, event, ...facts }));
};
