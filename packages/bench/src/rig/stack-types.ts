import type { startThrowAwayStack } from '@threadline/local-stack/throw-away-stack';

export type StackOptions = NonNullable<Parameters<typeof startThrowAwayStack>[0]>;
export type StackParts = Awaited<ReturnType<typeof startThrowAwayStack>>['parts'];
