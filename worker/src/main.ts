import { ConfigProblem, readConfig } from './config.ts';
import type { WorkerConfig } from './config.ts';
import { stopOnSignal } from './lifecycle.ts';
import { startRuntime } from './runtime.ts';

function configOrExit(): WorkerConfig {
  try {
    return readConfig();
  } catch (problem) {
    if (!(problem instanceof ConfigProblem)) throw problem;
    console.error(problem.message);
    process.exit(1);
  }
}

const runtime = await startRuntime(configOrExit());
stopOnSignal(() => runtime.stop(), runtime.log);
