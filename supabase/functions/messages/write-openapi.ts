// node supabase/functions/messages/write-openapi.ts : writes openapi.json afresh from the schemas.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { openApiDocument } from './openapi.ts';

const path = join(import.meta.dirname, 'openapi.json');
const style = await resolveConfig(path);
await writeFile(path, await format(JSON.stringify(openApiDocument()), { ...style, parser: 'json' }));
