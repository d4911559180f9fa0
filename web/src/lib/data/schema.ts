import { z } from 'zod';

// zod would otherwise build its parsers with `new Function`, which our Content-Security-Policy forbids.
z.config({ jitless: true });

export { z };
