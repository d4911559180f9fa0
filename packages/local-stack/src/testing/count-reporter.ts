import { writeSync } from 'node:fs';
import type { Reporter, SerializedError, TestModule } from 'vitest/node';

/** Closes the run with one plain line: `N passed, N failed`, and `, N skipped` only if some were. */
export default class CountReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly SerializedError[]): void {
    const tests = modules.flatMap((module) => [...module.children.allTests()]);
    const count = (state: string): number => tests.filter((test) => test.result().state === state).length;
    // A file that could not be read, or an error outside any test, fails the run as a failed test does.
    const brokenModules = modules.filter(
      (module) => module.state() === 'failed' && module.errors().length > 0,
    );
    const failed = count('failed') + brokenModules.length + unhandledErrors.length;
    const skipped = count('skipped');
    process.once('exit', (code) => {
      // What breaks the run before or after the tests is no test, but it is no success either.
      const broken = code !== 0 && failed === 0 ? 1 : 0;
      const end = skipped > 0 ? `, ${skipped} skipped` : '';
      writeSync(process.stdout.fd, `${count('passed')} passed, ${failed + broken} failed${end}\n`);
    });
  }
}
