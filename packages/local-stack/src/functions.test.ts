import { expect, test } from 'vitest';
import { denoArguments, findFunctions, parseFunctionSettings } from './functions.ts';

test('settings of functions are read and everything else is passed over', () => {
  const settings = parseFunctionSettings(`
    [api]
    verify_jwt = true
    # a remark
    [functions.provider-webhook]
    verify_jwt = false # carriers sign instead
    import_map = "./functions/provider-webhook/deno.json"
    [functions."other one"]
    enabled = true
  `);
  expect(settings).toEqual({
    'provider-webhook': { verify_jwt: 'false', import_map: './functions/provider-webhook/deno.json' },
    'other one': { enabled: 'true' },
  });
});

test('the webhook function is found and asks for no token, shared code is no function', async () => {
  const functions = await findFunctions();
  expect(functions).toContainEqual(expect.objectContaining({ name: 'provider-webhook', verifyJwt: false }));
  expect(functions.map(({ name }) => name)).not.toContain('_shared');
});

test('a function reads the variables it is given and no others, and fetches no code', () => {
  const args = denoArguments({ name: 'x', entry: 'x/index.ts', configPath: undefined, verifyJwt: true }, [
    'A',
    'B',
  ]);
  expect(args).toContain('--allow-env=A,B');
  expect(args).toContain('--no-remote');
  expect(args.some((arg) => /^--allow-(all|read|write|run|ffi|sys)/.test(arg))).toBe(false);
});
