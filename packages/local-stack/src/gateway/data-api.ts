import { App, InMemoryEmailDriver, InMemoryLruCacheDriver, setExperimental } from '@supabase/lite';
import { createPostgresConnection } from '@supabase/lite/postgres';
import type { ApiKeys } from './api-keys.ts';
import { columnTypes } from './column-types.ts';
import type { GatewayConfig } from './config.ts';
import { translateForLite } from './database-error.ts';
import { applyRequestContext } from './request-context.ts';
import { createFileStorage } from './storage/file-storage.ts';

export type DataApi = {
  fetch(request: Request): Promise<Response>;
  /** Reads tables and functions anew before the next request. */
  forgetSchema(): Promise<void>;
  close(): Promise<void>;
};

/** Data API, Auth and Storage of @supabase/lite on our Postgres, with its roles and grants left as they are. */
export async function createDataApi(config: GatewayConfig, apiKeys: ApiKeys): Promise<DataApi> {
  setExperimental('storage', true);
  const connection = createPostgresConnection({
    url: config.databaseUrl,
    postgresOptions: {
      max: 16,
      onnotice: () => {},
      types: columnTypes,
    },
  });
  // Left alone, lite grants everything to everybody at its first request, and decides once and for all
  // whether to switch roles. Roles and grants are the migrations' business, and roles always switch.
  Object.assign(connection, {
    ensureRlsContext: () => Promise.resolve(true),
    applyJwtSessionContext: applyRequestContext,
    normalizeDbError: translateForLite,
  });
  const app = new App({
    connection,
    auth: {
      enabled: true,
      site_url: config.siteUrl,
      additional_redirect_urls: [`${config.siteUrl}/**`],
      jwt_secret: config.jwtSecret,
      jwt_expiry: config.accessTokenSeconds,
      publishable_key: config.publishableKey,
      secret_key: config.secretKey,
      enable_signup: true,
      // Ours to serve; told in /settings.
      enable_anonymous_sign_ins: true,
      minimum_password_length: 6,
      email: { enable_signup: true, enable_confirmations: false },
    },
    api: { schemas: ['public'], max_rows: 1000 },
    storage: { enabled: true, file_size_limit: '50MiB' },
    studio: { enabled: false },
    options: {
      drivers: {
        cache: new InMemoryLruCacheDriver({ maxSizeBytes: 64 * 1024 * 1024 }),
        email: new InMemoryEmailDriver(),
      },
      server: {
        admin: false,
        disableStudio: true,
        disableFallback: true,
        apiKeys: {
          resolver: async (key: string) => {
            const found = await apiKeys.resolve(key);
            return (
              found && { type: found.type === 'secret' ? 'secret' : 'publishable', claims: found.claims }
            );
          },
        },
      },
    },
  });
  app._storageAdapter = createFileStorage(config.storageFolder);
  await app.init();
  return {
    fetch: (request) => Promise.resolve(app.fetch(request)),
    forgetSchema: () => connection.clearSchemaCache(),
    close: () => connection.close(),
  };
}
