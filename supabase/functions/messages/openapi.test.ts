import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Validator } from '@seriousme/openapi-schema-validator';
import { expect, it } from 'vitest';
import { openApiDocument } from './openapi.ts';

it('is what openapi.json says (node supabase/functions/messages/write-openapi.ts)', () => {
  const file: unknown = JSON.parse(readFileSync(join(import.meta.dirname, 'openapi.json'), 'utf8'));
  expect(file).toEqual(openApiDocument());
});

it('is valid OpenAPI 3.1, with every reference leading somewhere', async () => {
  const validator = new Validator();
  const { valid, errors } = await validator.validate(structuredClone({ ...openApiDocument() }));
  expect(errors ?? []).toEqual([]);
  expect(valid).toBe(true);
  expect(validator.version).toBe('3.1');
  const text = JSON.stringify(openApiDocument());
  const named = Array.from(text.matchAll(/#\/components\/schemas\/(\w+)/g), ([, name]) => name);
  const { components } = openApiDocument() as { components: { schemas: Record<string, unknown> } };
  expect(new Set(named)).toEqual(new Set(Object.keys(components.schemas)));
});
