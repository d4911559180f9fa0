/** One `ok` or `not ok` line of a TAP stream (testanything.org, version 13) with the remarks that follow it. */
export type TapAssertion = {
  ok: boolean;
  description: string;
  /** A failing one that was announced as unfinished work does not count against the file. */
  todo: boolean;
  skipped: boolean;
  remarks: string[];
};

export type TapReport = {
  assertions: TapAssertion[];
  /** What is wrong with the run as a whole, in words: a missing or wrong plan, a bail-out. */
  problems: string[];
};

const assertionLine = /^(not )?ok\b(?:\s+\d+)?(?:\s+-)?\s*(.*?)(?:\s+#\s*(TODO|SKIP)\b.*)?$/i;

/** Reads TAP lines; unknown lines are passed over. */
export function parseTap(lines: readonly string[]): TapReport {
  const assertions: TapAssertion[] = [];
  const problems: string[] = [];
  let planned: number | undefined;
  for (const line of lines) {
    const plan = /^1\.\.(\d+)/.exec(line);
    const bailOut = /^Bail out!\s*(.*)$/.exec(line);
    const assertion = assertionLine.exec(line);
    if (plan) planned = Number(plan[1]);
    else if (bailOut) problems.push(`bailed out: ${bailOut[1] ?? ''}`);
    else if (assertion) assertions.push(toAssertion(assertion));
    else if (line.startsWith('#')) assertions.at(-1)?.remarks.push(line.replace(/^#\s?/, ''));
  }
  if (planned === undefined) problems.push('no plan: the file never said how many assertions it makes');
  else if (planned !== assertions.length) {
    problems.push(`planned ${planned} assertions but made ${assertions.length}`);
  }
  return { assertions, problems };
}

/** Everything that makes a file fail, as text for a person; empty when it passed. */
export function describeFailures({ assertions, problems }: TapReport): string[] {
  const failed = assertions.filter(({ ok, todo }) => !ok && !todo);
  return [
    ...failed.map(({ description, remarks }) => [`not ok: ${description}`, ...remarks].join('\n  ')),
    ...problems,
  ];
}

function toAssertion([, not, description, directive]: RegExpExecArray): TapAssertion {
  return {
    ok: not === undefined,
    description: description ?? '',
    todo: directive?.toUpperCase() === 'TODO',
    skipped: directive?.toUpperCase() === 'SKIP',
    remarks: [],
  };
}
