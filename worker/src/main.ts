import { ConfigProblem, readConfig } from './config.ts';
import { stopOnSignal } from './lifecycle.ts';
import { startRuntime } from './runtime.ts';

try {
  const runtime = await startRuntime(readConfig());
  stopOnSignal(() => runtime.stop(), runtime.log);
} catch (problem) {
  if (!(problem instanceof ConfigProblem)) throw problem;
  console.error(problem.message);
  process.exit(1);
}
