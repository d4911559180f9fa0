import { z } from 'zod';
import {
  listResponse,
  MAX_LIST_LENGTH,
  messageChange,
  messageList,
  messageRequest,
  messageResponse,
  messageState,
  problem,
} from './schemas.ts';

type Json = Readonly<Record<string, unknown>>;

/** Status of a refusal, and when it comes. */
const refusals = {
  400: 'The body is not JSON.',
  401: 'The API key is missing, unknown or revoked.',
  403: 'Your organization has no such phone number.',
  404: 'Your organization has no such message.',
  409: 'The state of things forbids it: the key stands for another message, the recipient opted out, it is too late to cancel.',
  413: 'The request has more than 5 MiB.',
  415: 'The content type is not application/json.',
  422: 'The request is well-formed and cannot be right; `errors` names the fields.',
  429: 'The key sends too fast; `Retry-After` says when to come again.',
  500: 'Something went wrong on our side.',
  503: 'The database does not answer. The same request with the same Idempotency-Key does no harm.',
} as const;

type RefusalStatus = keyof typeof refusals;

const retryAfter = {
  'Retry-After': { description: 'Seconds to wait', schema: { type: 'integer', minimum: 1 } },
};
const idempotentReplay = {
  'Idempotent-Replay': {
    description: 'true when this key was here before and nothing new was kept',
    schema: { type: 'string', enum: ['true'] },
  },
};
const location = {
  Location: { description: 'Where the message can be looked up', schema: { type: 'string' } },
};

const reference = (name: string): Json => ({ $ref: `#/components/schemas/${name}` });
const json = (schema: Json): Json => ({ 'application/json': { schema } });

function refused(...statuses: readonly RefusalStatus[]): Json {
  return Object.fromEntries(
    statuses.map((status) => [
      String(status),
      {
        description: refusals[status],
        ...(status === 429 || status === 503 ? { headers: retryAfter } : {}),
        content: { 'application/problem+json': { schema: reference('Problem') } },
      },
    ]),
  );
}

function schemaOf(schema: z.ZodType, io: 'input' | 'output' = 'output'): Json {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io });
  return rest;
}

const ofAMessage = refused(401, 404, 429, 500, 503);
const jobIdParameter = {
  name: 'job_id',
  in: 'path',
  required: true,
  schema: { type: 'string', format: 'uuid' },
};
const state = { description: 'Where the message stands', content: json(reference('MessageState')) };

function createOperation(): Json {
  return {
    operationId: 'createMessages',
    summary: 'Send one message, or a list of them',
    parameters: [
      {
        name: 'Idempotency-Key',
        in: 'header',
        description:
          'The same key with the same content is the same message, however often it is sent. In a list, message n has the key with /n after it, unless it brings its own `idempotency_key`.',
        schema: { type: 'string', minLength: 1, maxLength: 200 },
      },
    ],
    requestBody: {
      required: true,
      content: json({ oneOf: [reference('Message'), reference('MessageList')] }),
    },
    responses: {
      '200': {
        description: 'The message was there before; or the results of a list, each with its own outcome',
        headers: idempotentReplay,
        content: json({ oneOf: [reference('MessageResult'), reference('MessageListResult')] }),
      },
      '201': {
        description: 'The message is kept and will go out',
        headers: location,
        content: json(reference('MessageResult')),
      },
      ...refused(400, 401, 403, 404, 409, 413, 415, 422, 429, 500, 503),
    },
  };
}

function messagePath(): Json {
  return {
    parameters: [jobIdParameter],
    get: {
      operationId: 'getMessage',
      summary: 'Look a message up',
      responses: { '200': state, ...ofAMessage },
    },
    patch: {
      operationId: 'rescheduleMessage',
      summary: 'Give a waiting message another time',
      requestBody: { required: true, content: json(reference('MessageChange')) },
      responses: { '200': state, ...ofAMessage, ...refused(400, 409, 413, 415, 422) },
    },
    delete: {
      operationId: 'cancelMessage',
      summary: 'Take a message back that has not gone out',
      responses: {
        '200': state,
        '202': {
          ...state,
          description:
            'It waits at the carrier, who is asked to cancel it: look the message up for the answer',
        },
        ...ofAMessage,
        ...refused(409, 422),
      },
    },
  };
}

/** OpenAPI 3.1. The schemas that check requests are its source; `openapi.json` is a copy of it, held true by a test. */
export function openApiDocument(): Json {
  return {
    openapi: '3.1.0',
    info: {
      title: 'Threadline messages',
      version: '1.0.0',
      description:
        'Send texts from a program with an API key of your organization (Settings, API keys). Times are RFC 3339 with an offset. Errors are problems of RFC 9457.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/functions/v1' }],
    security: [{ apiKey: [] }],
    paths: {
      '/messages': { post: createOperation() },
      '/messages/{job_id}': messagePath(),
      '/messages/openapi.json': {
        get: {
          operationId: 'getDocument',
          summary: 'This document',
          security: [],
          responses: { '200': { description: 'OpenAPI 3.1', content: json({ type: 'object' }) } },
        },
      },
    },
    components: {
      securitySchemes: {
        apiKey: { type: 'http', scheme: 'bearer', description: 'tl_live_ and 32 letters and digits' },
      },
      schemas: {
        Message: schemaOf(messageRequest, 'input'),
        MessageList: {
          ...schemaOf(messageList, 'input'),
          properties: {
            messages: { type: 'array', minItems: 1, maxItems: MAX_LIST_LENGTH, items: reference('Message') },
          },
        },
        MessageChange: schemaOf(messageChange, 'input'),
        MessageResult: schemaOf(messageResponse),
        MessageListResult: schemaOf(listResponse),
        MessageState: schemaOf(messageState),
        Problem: schemaOf(problem),
      },
    },
  };
}
